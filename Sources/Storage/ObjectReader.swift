package import NIOCore

/// An open object. It stays readable, with the bytes it had when it was opened, when its key is replaced or removed.
///
/// It is closed when the last reference to it is gone.
package protocol ObjectReader: Sendable {
    /// The attributes as they were when it was opened.
    var attributes: ObjectAttributes { get }

    /// Up to `byteCount` bytes from `offset`: fewer only at the object's end, none past it.
    func read(at offset: Int64, byteCount: Int) async throws(StorageError) -> ByteBuffer

    /// The open file, for a response that the kernel can send by itself; nil where there is none.
    /// The descriptor belongs to the reader: it must not be closed, nor used after the reader is gone.
    var fileDescriptor: Int32? { get }

    /// All its bytes, if they were read as it was opened; nil otherwise.
    var content: ByteBuffer? { get }
}

extension ObjectReader {
    package var content: ByteBuffer? { nil }
}
