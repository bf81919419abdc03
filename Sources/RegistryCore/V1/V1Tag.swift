package import ImageModel
import NIOCore

/// A tag of the v1 layout: a file that should hold an image id, and may hold anything.
package struct V1Tag: Hashable, Sendable {
    /// The file's bytes.
    package let content: [UInt8]
    /// When it was written, in nanoseconds since 1970.
    package let modified: Int64

    /// The image that the tag names; nil when the file holds anything but an id.
    package var image: V1ImageID? { try? V1ImageID(parsing: String(decoding: content, as: UTF8.self)) }

    /// Whether bytes are an image's id, as docker-registry writes it: what is shorter may be half-written.
    static func isImageID(_ content: ByteBuffer) -> Bool {
        V1Tag(content: Array(buffer: content), modified: 0).image != nil
    }

    /// The content as text, or nil when it is not UTF-8.
    package var text: String? { String(validating: content, as: UTF8.self) }
}
