package import ImageModel

/// The digests that a conditional request names: RFC 9110, sections 13.1.1 and 13.1.2.
package enum DigestList: Hashable, Sendable {
    /// `*`: whatever there is.
    case any
    /// These, and no others: none at all where the request names nothing that is a digest.
    case only(Set<Digest>)

    /// Whether something that is there, by this digest, is in the list. Nil for what has no digest yet.
    func contains(_ digest: Digest?) -> Bool {
        switch self {
        case .any: true
        case .only(let digests): digest.map { digests.contains($0) } ?? false
        }
    }
}
