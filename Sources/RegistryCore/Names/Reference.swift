import Foundation
package import ImageModel

/// A reference to a manifest.
package enum Reference: Hashable, Sendable, CustomStringConvertible {
    /// A tag of the repository.
    case tag(Tag)
    /// A content address.
    case digest(Digest)

    package var description: String {
        switch self {
        case .tag(let tag): tag.description
        case .digest(let digest): digest.description
        }
    }

    /// Parses untrusted text from the network: with a colon it is a digest, otherwise a tag.
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

/// The id of an upload: a lowercase UUID, as registry:2 names its directories.
package struct UploadID: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// Creates a random UUID, version 4. Foundation's implementation would open a file for each.
    package init() {
        let high = UInt64.random(in: .min ... .max) & ~0xF000 | 0x4000
        let low = UInt64.random(in: .min ... .max) >> 2 | 1 << 63
        let bytes = withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { $0.loadUnaligned(as: uuid_t.self) }
        self.description = UUID(uuid: bytes).uuidString.lowercased()
    }

    /// Parses untrusted text from the network; returns nil if it is not a UUID.
    package init?(parsing text: String) {
        guard let uuid = UUID(uuidString: text), uuid.uuidString.lowercased() == text else { return nil }
        self.description = text
    }
}
