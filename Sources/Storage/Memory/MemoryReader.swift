package import NIOCore

/// An open object in memory.
package final class MemoryReader: ObjectReader {
    package let attributes: ObjectAttributes
    private let bytes: ByteBuffer

    init(_ object: MemoryObject) {
        (attributes, bytes) = object.snapshot
    }

    package var fileDescriptor: Int32? { nil }

    package func read(at offset: Int64, byteCount: Int) async throws(StorageError) -> ByteBuffer {
        let byteCount = min(Int64(byteCount), Int64(bytes.readableBytes) - offset)
        guard byteCount > 0, offset >= 0 else { return ByteBuffer() }
        return bytes.getSlice(at: Int(offset), length: Int(byteCount)) ?? ByteBuffer()
    }
}
