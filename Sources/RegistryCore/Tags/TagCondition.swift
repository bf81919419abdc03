package import ImageModel

/// What must hold of a tag for a push to replace it.
///
/// OCI Distribution Specification 1.1, "Referrers Tag Schema": clients that keep a list under a tag avoid races so.
package struct TagCondition: Hashable, Sendable {
    /// The digests of which the tag must name one; nil for any, an empty set for a tag that must merely exist.
    package let named: Set<Digest>?
    /// The digests of which the tag must name none; nil for any, an empty set for a tag that must not exist.
    package let notNamed: Set<Digest>?

    package init(named: Set<Digest>? = nil, notNamed: Set<Digest>? = nil) {
        self.named = named
        self.notNamed = notNamed
    }

    /// Holds of every tag.
    package static let none = TagCondition()

    /// Whether it holds of a tag that names `current`, or of one that does not exist.
    func holds(of current: Digest?) -> Bool {
        if let named {
            guard let current, named.isEmpty || named.contains(current) else { return false }
        }
        if let notNamed, let current {
            return !notNamed.isEmpty && !notNamed.contains(current)
        }
        return true
    }
}
