package import ImageModel

/// A condition on a tag for a push to replace it.
///
/// Clients that keep an index of referrers under a tag avoid races this way: OCI Distribution Specification 1.1,
/// "Referrers Tag Schema".
package struct TagCondition: Hashable, Sendable {
    /// `If-Match`: the tag must point to one of these digests; nil for no condition.
    package let named: DigestList?
    /// `If-None-Match`: the tag must not point to any of these digests; nil for no condition.
    package let notNamed: DigestList?

    package init(named: DigestList? = nil, notNamed: DigestList? = nil) {
        self.named = named
        self.notNamed = notNamed
    }

    /// The condition that every tag meets.
    package static let none = TagCondition()

    /// Whether a tag meets the condition. A v1 tag that is not converted yet exists, but has no digest that a client
    /// could know.
    func holds(of tag: TagJoin) -> Bool {
        switch tag {
        case .absent: named == nil
        case .manifest(let digest): holds(of: digest)
        case .image: holds(of: nil)
        }
    }

    private func holds(of digest: Digest?) -> Bool {
        named?.contains(digest) != false && notNamed?.contains(digest) != true
    }
}

/// The digests in a conditional request: RFC 9110, sections 13.1.1 and 13.1.2.
package enum DigestList: Hashable, Sendable {
    /// `*`: any digest.
    case any
    /// Only these; empty if no value in the request is a digest.
    case only(Set<Digest>)

    /// Whether the list contains the digest of an existing tag; nil for a tag that has none yet.
    func contains(_ digest: Digest?) -> Bool {
        switch self {
        case .any: true
        case .only(let digests): digest.map { digests.contains($0) } ?? false
        }
    }
}
