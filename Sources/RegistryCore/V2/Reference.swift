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
