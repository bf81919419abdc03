import ImageModel
import RegistryCore

/// Why a name in a `docker save` archive cannot become a tag, or the whole archive cannot be used.
enum ArchiveFault: Error, Equatable, CustomStringConvertible {
    /// `manifest.json` is not a list.
    case noList
    /// `repositories` contains something other than an image's id.
    case noImage
    /// The configuration named by `manifest.json` is missing.
    case noConfiguration(path: String?)
    /// `manifest.json` contains something other than a list of layers.
    case noLayers
    /// The configuration does not match the digest in its path.
    case wrongConfiguration(expected: Digest)
    /// A document is larger than any that an engine writes.
    case tooLarge(path: String)
    /// The archive ends in the middle of a document.
    case cutShort(path: String)
    /// A document is not JSON.
    case malformed(path: String, JSONSyntaxError)
    /// The name is not of the form `repository:tag`.
    case noTag
    /// Another image of the archive has the same name once the registry host is removed.
    case taken(name: V1RepositoryName)
    /// The archive contains no image.
    case empty
    /// No image is tagged, and no name was given.
    case nameless(count: Int)
    /// A name was given, but the number of untagged images is not one.
    case notOneNameless(count: Int)

    var description: String {
        switch self {
        case .noList: "manifest.json is not a list of images"
        case .noImage: "the archive's repositories file does not give an image id for it"
        case .noConfiguration(let path?): "its configuration \(path) is not in the archive"
        case .noConfiguration(nil): "manifest.json names no configuration for it"
        case .noLayers: "manifest.json names no layers for it"
        case .wrongConfiguration(let expected):
            "its configuration does not have the digest \(expected) from its path"
        case .tooLarge(let path): "\(path) is larger than any that an engine writes"
        case .cutShort(let path): "the archive ends within \(path)"
        case .malformed(let path, let error): "\(path) is \(error)"
        case .noTag: "it is not of the form REPOSITORY:TAG"
        case .taken(let name): "another image of the archive is also named \(name) once the registry host is removed"
        case .empty: "it contains no image"
        case .nameless(1): "its image is untagged: name it with --name REPOSITORY:TAG"
        case .nameless(let count):
            "none of its \(count) images is tagged: save each separately and name it with --name REPOSITORY:TAG"
        case .notOneNameless(0): "all its images are tagged: to rename them use --map; --name is for an untagged one"
        case .notOneNameless(let count): "\(count) of its images are untagged, --name is for one: save each separately"
        }
    }

    /// Whether the fault concerns the archive as a whole, although it is a `docker save` archive.
    var isOfNames: Bool {
        switch self {
        case .empty, .nameless, .notOneNameless: true
        default: false
        }
    }
}
