import ImageModel

/// What a tag of a repository, as v1 sees it, makes the repository hold.
enum TagHolding: Hashable, Sendable {
    /// A v1 image of the tree, and its ancestors.
    case stored(V1ImageID)
    /// What an image of v2 is projected to.
    case projected(Digest)
}
