import Foundation
package import ImageModel

/// What a manifest is asked for by.
package enum Reference: Hashable, Sendable {
    /// The name that a repository gives it.
    case tag(Tag)
    /// Its content address.
    case digest(Digest)

    /// Parses `text`, which arrives from the network: a text with a colon is a digest, any other a tag.
    ///
    /// - Throws: ``RegistryError/malformedDigest(_:)`` or ``RegistryError/malformedTag(_:)``.
    package init(parsing text: String) throws(RegistryError) {
        if text.utf8.contains(UInt8(ascii: ":")) {
            guard let digest = try? Digest(parsing: text) else { throw .malformedDigest(text) }
            self = .digest(digest)
        } else {
            guard let tag = try? Tag(parsing: text) else { throw .malformedTag(text) }
            self = .tag(tag)
        }
    }
}

/// The name of an upload that goes on: a UUID in lowercase, as registry:2 names its directories.
package struct UploadID: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// A new name: a random UUID, version 4. Foundation's would open a file for each.
    package init() {
        let high = UInt64.random(in: .min ... .max) & ~0xF000 | 0x4000
        let low = UInt64.random(in: .min ... .max) >> 2 | 1 << 63
        let bytes = withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { $0.loadUnaligned(as: uuid_t.self) }
        self.description = UUID(uuid: bytes).uuidString.lowercased()
    }

    /// Parses `text`, which arrives from the network, or answers nil when it is no UUID.
    package init?(parsing text: String) {
        guard let uuid = UUID(uuidString: text), uuid.uuidString.lowercased() == text else { return nil }
        self.description = text
    }
}
