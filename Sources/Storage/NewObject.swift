package import NIOCore

/// A small object that is to be written.
package struct NewObject: Sendable {
    /// Where.
    package let key: ObjectKey
    /// All its bytes.
    package let bytes: ByteBuffer

    package init(_ bytes: ByteBuffer, at key: ObjectKey) {
        self.key = key
        self.bytes = bytes
    }
}
