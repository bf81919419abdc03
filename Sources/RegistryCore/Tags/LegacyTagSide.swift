import ImageModel

/// What v1 has to show for a tag that both protocols can have.
enum LegacyTagSide: Hashable, Sendable {
    /// There is no such tag.
    case absent
    /// The image that the tag's own file names.
    case stored(V1ImageID)
    /// The manifest of v2, as engines that know none see it.
    case projected(Digest)
}
