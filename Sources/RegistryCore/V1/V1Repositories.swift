import ImageModel
package import NIOCore
import Storage

/// What v1 notes of repositories beside their tags.
package struct V1Repositories: Sendable {
    private let storage: any ObjectStorage
    private let tree: V1Tree
    private let search: SearchIndex
    private let locks = KeyedLocks<V1RepositoryName>()

    init(storage: any ObjectStorage, search: SearchIndex) {
        self.search = search
        self.storage = storage
        self.tree = V1Tree(storage: storage)
    }

    /// Adds to the list of a repository's images, which makes the repository known.
    ///
    /// - Throws: ``LegacyRefusal`` for what is no list.
    package func add(_ list: ByteBuffer, to name: V1RepositoryName) async throws {
        guard let key = V1Layout.indexImages(name) else { throw RegistryError.malformedName(name.description) }
        try await locks.withLock(name) {
            let stored = try await tree.indexImages(name).map { Array(buffer: $0) }
            let merged = try V1IndexList(Array(buffer: list), mergedInto: stored)
            if merged.encoded == stored { return }
            try await storage.write(ByteBuffer(bytes: merged.encoded), to: key)
            await search.note(name)
        }
    }

    /// Makes a repository private or public, as `properties` says; a value of `access` that is neither changes nothing.
    ///
    /// - Throws: ``LegacyRefusal/unexpectedBody`` for what is no JSON object, or an empty one.
    package func setProperties(_ properties: ByteBuffer, of name: V1RepositoryName) async throws {
        guard let document = try? JSONValue(parsing: properties.readableBytesView), document.object?.isEmpty == false,
            let key = V1Layout.privateMark(name)
        else { throw RegistryError.legacy(.unexpectedBody) }
        switch document["access"]?.string {
        case "private": try await storage.write(ByteBuffer(), to: key)
        case "public": try await storage.remove(key)
        default: break
        }
    }
}
