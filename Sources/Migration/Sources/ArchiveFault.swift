import ImageModel
import RegistryCore

/// Why a name in an archive of `docker save` does not become a tag, or the whole archive is of no use.
enum ArchiveFault: Error, Equatable, CustomStringConvertible {
    /// `manifest.json` is no list.
    case noList
    /// The list of tags has something else in the place of an image's id.
    case noImage
    /// There is no configuration where `manifest.json` says.
    case noConfiguration(path: String?)
    /// `manifest.json` has something else in the place of the list of layers.
    case noLayers
    /// The configuration is not the one that its path tells.
    case wrongConfiguration(expected: Digest)
    /// A document is larger than any that an engine writes.
    case tooLarge(path: String)
    /// The archive ends in the midst of a document.
    case cutShort(path: String)
    /// A document is not JSON.
    case malformed(path: String, JSONSyntaxError)
    /// It is not of the form `repository:tag`.
    case noTag
    /// Another image of the archive has the same name once the registry is left out.
    case taken(name: V1RepositoryName)
    /// There is no image in the archive.
    case empty
    /// No image has a name, and none is given.
    case nameless(count: Int)
    /// A name is given, and so many images have none.
    case notOneNameless(count: Int)

    var description: String {
        switch self {
        case .noList: "manifest.json is not a list of images"
        case .noImage: "repositories does not name an image's id for it"
        case .noConfiguration(let path?): "its configuration \(path) is not in the archive"
        case .noConfiguration(nil): "manifest.json names no configuration for it"
        case .noLayers: "manifest.json names no layers for it"
        case .wrongConfiguration(let expected):
            "its configuration does not have the digest \(expected) that its path tells"
        case .tooLarge(let path): "\(path) is larger than any that an engine writes"
        case .cutShort(let path): "the archive ends within \(path)"
        case .malformed(let path, let error): "\(path) is \(error)"
        case .noTag: "it is not of the form REPOSITORY:TAG"
        case .taken(let name): "another image of the archive is \(name) too, once the registry is left out"
        case .empty: "there is no image in it"
        case .nameless(1): "its image has no name: give it one with --name REPOSITORY:TAG"
        case .nameless(let count):
            "none of its \(count) images has a name: save each alone, and give it one with --name REPOSITORY:TAG"
        case .notOneNameless(0): "every image in it has a name, which --map can change: --name is for one without"
        case .notOneNameless(let count): "\(count) images in it have no name, and --name gives one: save each alone"
        }
    }

    /// Whether it is about the archive as a whole, though an archive of `docker save` it is.
    var isOfNames: Bool {
        switch self {
        case .empty, .nameless, .notOneNameless: true
        default: false
        }
    }
}
