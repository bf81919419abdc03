package import NIOCore

extension ByteBuffer {
    /// Whether all bytes are UTF-8. A JSON document that is not was refused by docker-registry.
    package var isUTF8: Bool { String(validating: readableBytesView, as: UTF8.self) != nil }
}
