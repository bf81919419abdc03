package import NIOCore

/// An open object. It keeps returning the bytes it had when opened, even after its key is replaced or removed.
///
/// It is closed when the last reference to it is released.
package protocol ObjectReader: Sendable {
    /// The attributes at the time of opening.
    var attributes: ObjectAttributes { get }

    /// Up to `byteCount` bytes from `offset`: fewer at the end of the object, none beyond it.
    func read(at offset: Int64, byteCount: Int) async throws(StorageError) -> ByteBuffer

    /// The open file, for responses that the kernel can send directly; nil if there is none. The reader owns the
    /// descriptor: do not close it, and do not use it after the reader is released.
    var fileDescriptor: Int32? { get }

    /// The complete content, if it was read on opening; otherwise nil.
    var content: ByteBuffer? { get }
}

extension ObjectReader {
    package var content: ByteBuffer? { nil }
}
