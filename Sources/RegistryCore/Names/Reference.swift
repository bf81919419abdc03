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
    package init() { self.init(bits: .random(in: .min ... .max), .random(in: .min ... .max)) }

    /// Creates a UUID, version 4, from random bits, of which six are not used.
    package init(bits high: UInt64, _ low: UInt64) {
        let halves = [high & ~0xF000 | 0x4000, low >> 2 | 1 << 63]
        description = String(unsafeUninitializedCapacity: 36) { text in
            var end = 0
            for index in 0..<32 {
                if [8, 12, 16, 20].contains(index) {
                    text[end] = UInt8(ascii: "-")
                    end += 1
                }
                let digit = UInt8(truncatingIfNeeded: halves[index / 16] >> UInt64(60 - index % 16 * 4)) & 15
                text[end] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
                end += 1
            }
            return end
        }
    }

    /// Parses untrusted text from the network; returns nil if it is not a UUID.
    package init?(parsing text: String) {
        guard let uuid = UUID(uuidString: text), uuid.uuidString.lowercased() == text else { return nil }
        self.description = text
    }
}
