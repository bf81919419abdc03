import Conversion
import ImageModel

/// A form that a manifest is derived in.
enum DerivedForm: Hashable, Sendable {
    /// Signed schema1, which names the repository and the tag that it was asked for by.
    case schema1(RepositoryName, Tag)
    /// The image in these words.
    case image(ManifestVocabulary)
    /// The list in these words.
    case index(ManifestVocabulary)

    /// What the form is called below the source's directory.
    func path(in name: RepositoryName) -> String {
        switch self {
        case .schema1(name, let tag): "schema1/\(tag)"
        case .schema1(let alias, let tag): "alias/\(tag)/\(alias)"
        case .image(.docker): "schema2"
        case .image(.oci): "oci"
        case .index(.docker): "list"
        case .index(.oci): "index"
        }
    }
}
