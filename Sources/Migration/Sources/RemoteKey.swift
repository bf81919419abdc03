import ImageModel
import RegistryCore
import Storage

/// The meaning of a key of docker-registry's tree, as far as a registry serves it.
enum RemoteKey: Equatable {
    case directory
    case json(V1ImageID)
    case layer(V1ImageID)
    case ancestry(V1ImageID)
    case checksum(V1ImageID)
    case inProgress(V1ImageID)
    case tag(String, V1RepositoryName)
    case tagRecord(String, V1RepositoryName)

    init?(_ key: ObjectKey) {
        let components = key.description.split(separator: "/").map(String.init)
        if components == [V1Layout.images.name] || components == [V1Layout.repositories.name] {
            self = .directory
        } else if components.count == 3, components[0] == V1Layout.images.name,
            let id = try? V1ImageID(parsing: components[1])
        {
            self.init(file: components[2], of: id)
        } else if components.count == 4, components[0] == V1Layout.repositories.name,
            let repository = V1RepositoryName(namespaceComponent: components[1], repositoryComponent: components[2])
        {
            self.init(file: components[3], in: repository)
        } else {
            return nil
        }
    }

    private init?(file: String, of id: V1ImageID) {
        switch file {
        case "json": self = .json(id)
        case "layer": self = .layer(id)
        case "ancestry": self = .ancestry(id)
        case "_checksum": self = .checksum(id)
        case "_inprogress": self = .inProgress(id)
        default: return nil
        }
    }

    private init?(file: String, in repository: V1RepositoryName) {
        if file.hasPrefix(V1Layout.tagPrefix), let tag = V1Layout.tagName(file) {
            self = .tag(tag, repository)
        } else if file.hasPrefix("tag"), file.hasSuffix("_json") {
            self = .tagRecord(String(file.dropFirst("tag".count).dropLast("_json".count)), repository)
        } else {
            return nil
        }
    }
}
