import ImageModel
import RegistryCore

/// Why a name in an archive of `docker save` does not become a tag.
enum ArchiveFault: Error, Equatable, CustomStringConvertible {
    /// `manifest.json` is no list.
    case noList
    /// The list of tags has something else in the place of an image's id.
    case noImage
    /// There is no configuration where `manifest.json` says.
    case noConfiguration(path: String?)
    /// `manifest.json` names no layers.
    case noLayers
    /// The configuration is not the one that its path tells.
    case wrongConfiguration(expected: Digest)
    /// A document is larger than any that an engine writes.
    case tooLarge(path: String)
    /// It is not of the form `repository:tag`.
    case noTag
    /// Another image of the archive has the same name once the host is left out.
    case taken(name: V1RepositoryName)

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
        case .noTag: "it is not of the form REPOSITORY:TAG"
        case .taken(let name): "another image of the archive is \(name) too, once the host is left out"
        }
    }
}
