import Conversion
import ImageModel

/// A form that a manifest is derived in.
enum DerivedForm: Hashable, Sendable {
    /// Signed schema1, which names the repository and the tag that it was asked for by; with the v1 image whose
    /// chain it holds, if it came by v1: a tag may change that and name the same manifest.
    case schema1(RepositoryName, Tag, top: V1ImageID?)
    /// The image in these words.
    case image(ManifestVocabulary)
    /// The list in these words.
    case index(ManifestVocabulary)

    /// Whether it is a form of one image.
    var isOfOneImage: Bool {
        switch self {
        case .schema1, .image: true
        case .index: false
        }
    }

    /// What the form is called below the source's directory.
    func path(in name: RepositoryName) -> String {
        switch self {
        case .schema1(name, let tag, let top): "schema1/\(Self.component(tag, top))"
        case .schema1(let alias, let tag, let top): "alias/\(Self.component(tag, top))/\(alias)"
        case .image(.docker): "schema2"
        case .image(.oci): "oci"
        case .index(.docker): "list"
        case .index(.oci): "index"
        }
    }

    private static func component(_ tag: Tag, _ top: V1ImageID?) -> String {
        top.map { "\(tag)@\($0)" } ?? tag.description
    }
}
