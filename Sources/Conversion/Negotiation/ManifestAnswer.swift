/// What a client can be answered that asked for a manifest by tag.
package enum ManifestAnswer: Sendable, Hashable {
    /// What the tag names, byte for byte.
    case asStored
    /// The same image as schema1.
    case schema1
    /// The same image as schema2 or as OCI has it.
    case image(ManifestVocabulary)
    /// The same list with its images in these words.
    case index(ManifestVocabulary)
    /// The entry of the list for the platform of choice, to be answered in turn.
    case platformEntry
}
