import RegistryCore
import Storage

/// The repositories of a tree, and the directories that cannot be read as repositories.
struct RepositoryListing {
    /// In order of name.
    private(set) var names: [V1RepositoryName] = []
    /// Directories whose tags cannot be listed, and why.
    private(set) var failures: [FailedTag] = []

    /// Lists a tree.
    ///
    /// - Throws: `StorageError` when not even the namespaces can be listed, or when the source is down.
    init(of tree: V1Tree) async throws {
        for namespace in try await tree.storage.list(V1Layout.repositories) where namespace.isDirectory {
            do {
                try await list(namespace.name, tree.storage)
            } catch  where !error.isOfOneImage {
                throw error
            } catch {
                failures.append(FailedTag(namespace.name, reason: "\(error)"))
            }
        }
        names.sort()
    }

    private mutating func list(_ namespace: String, _ storage: any ObjectStorage) async throws {
        for entry in try await storage.list(V1Layout.repositories.appending(namespace)) where entry.isDirectory {
            if let name = V1RepositoryName(namespaceComponent: namespace, repositoryComponent: entry.name) {
                names.append(name)
            } else {
                let reason = "its directory's name is not one that docker-registry writes for a repository"
                failures.append(FailedTag("\(namespace)/\(entry.name)", reason: reason))
            }
        }
    }
}
