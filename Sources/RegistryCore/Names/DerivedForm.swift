import Conversion
import ImageModel

/// A form that a manifest is converted to.
enum DerivedForm: Hashable, Sendable {
    /// Signed schema1, which contains the requested repository and tag. Also identifies the v1 image whose chain it
    /// contains, if that was pushed through v1: a tag may move to another v1 image but keep its manifest.
    case schema1(RepositoryName, Tag, top: V1ImageID?)
    /// An image in this vocabulary.
    case image(ManifestVocabulary)
    /// A list in this vocabulary.
    case index(ManifestVocabulary)

    /// Whether it is a form of a single image.
    var isOfOneImage: Bool {
        switch self {
        case .schema1, .image: true
        case .index: false
        }
    }

    /// The name of the form for operators, without what it is of.
    var name: String {
        switch self {
        case .schema1: "schema1"
        case .image(.docker): "schema2"
        case .image(.oci): "oci"
        case .index(.docker): "list"
        case .index(.oci): "index"
        }
    }

    /// The path of the form below the source's directory.
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
