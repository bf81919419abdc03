import Conversion
import NIOCore
import Storage

/// The empty layer, which v1 clients fetch for every step of an image that changed no file, stored or not.
struct EmptyLayerReader: ObjectReader {
    let attributes = ObjectAttributes(kind: .object, byteCount: Int64(EmptyLayer.bytes.count), modified: 0)
    let fileDescriptor: Int32? = nil

    func read(at offset: Int64, byteCount: Int) async throws(StorageError) -> ByteBuffer {
        ByteBuffer(bytes: EmptyLayer.bytes.dropFirst(Int(offset)).prefix(byteCount))
    }
}
