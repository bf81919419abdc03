package import ImageModel

/// What must hold of a tag for a push to replace it.
///
/// OCI Distribution Specification 1.1, "Referrers Tag Schema": clients that keep a list under a tag avoid races so.
package struct TagCondition: Hashable, Sendable {
    /// The digests of which the tag must name one: `If-Match`; nil when nothing is asked of it.
    package let named: DigestList?
    /// The digests of which the tag must name none: `If-None-Match`; nil when nothing is asked of it.
    package let notNamed: DigestList?

    package init(named: DigestList? = nil, notNamed: DigestList? = nil) {
        self.named = named
        self.notNamed = notNamed
    }

    /// Holds of every tag.
    package static let none = TagCondition()

    /// Whether it holds of a tag as the two layouts have it. A v1 tag that is not converted yet is there, and names no
    /// digest that any client can know.
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
