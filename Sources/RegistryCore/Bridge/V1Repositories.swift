package import ImageModel
package import NIOCore
import Storage

/// The v1 metadata of repositories: image lists, push records and private markers.
package struct V1Repositories: Sendable {
    private let storage: any ObjectStorage
    private let tree: V1Tree
    private let events: RegistryEvents
    private let repositoryLocks: RepositoryLocks
    private let locks = KeyedLocks<V1RepositoryName>()

    init(tree: V1Tree, events: RegistryEvents, repositoryLocks: RepositoryLocks) {
        self.events = events
        self.repositoryLocks = repositoryLocks
        self.storage = tree.storage
        self.tree = tree
    }

    /// Adds to the list of a repository's images, and so creates the repository.
    ///
    /// - Throws: ``V1Refusal`` if `list` is not a list of images.
    package func add(_ list: ByteBuffer, to name: V1RepositoryName) async throws(RegistryError) {
        try await RegistryError.translating {
            guard let key = V1Layout.indexImages(name) else { throw RegistryError.malformedName(name.description) }
            try await locks.withLock(name) {
                let merged = try await DocumentScope.reading { () -> [UInt8]? in
                    let stored = try await tree.indexImages(name).map { Array(buffer: $0) }
                    let byteCount = list.readableBytes + (stored?.count ?? 0)
                    let merged = try await HeavyWork.parsing(byteCount) {
                        try V1IndexList(Array(buffer: list), mergedInto: stored).encoded
                    }
                    return merged == stored ? nil : merged
                }
                guard let merged else { return }
                try await repositoryLocks.withSharedLock(of: name) {
                    try await storage.write(ByteBuffer(bytes: merged), to: key)
                }
                events.publish(.repositoryChanged, in: name)
            }
        }
    }

    /// The push record of a tag, or of the repository's `latest` if `tag` is nil. Nil if there is none, or it is not a
    /// JSON object.
    package func pushRecord(of tag: String?, in name: V1RepositoryName) async throws(RegistryError) -> JSONValue? {
        try await RegistryError.translating {
            try await DocumentScope.reading {
                guard let bytes = try await tree.pushRecord(of: tag, in: name) else { return nil }
                return await HeavyWork.parsing(bytes.readableBytes) {
                    let record = try? JSONValue(parsing: bytes.readableBytesView)
                    return record?.object == nil ? nil : record
                }
            }
        }
    }

    /// Marks a repository private or public, as given by `access` in `properties`; other values change nothing.
    ///
    /// - Throws: ``V1Refusal/unexpectedBody`` if `properties` is not a JSON object, or is empty.
    package func setProperties(_ properties: ByteBuffer, of name: V1RepositoryName) async throws(RegistryError) {
        try await RegistryError.translating {
            let access = try await HeavyWork.parsing(properties.readableBytes) {
                let document = try? JSONText(parsing: properties.readableBytesView, depthLimit: JSONValue.depthLimit)
                guard let document, document.hasMembers else { throw RegistryError.v1(.unexpectedBody) }
                return document["access"]?.string
            }
            guard let key = V1Layout.privateMark(name) else { throw RegistryError.v1(.unexpectedBody) }
            switch access {
            case "private":
                try await repositoryLocks.withSharedLock(of: name) { try await storage.write(ByteBuffer(), to: key) }
            case "public": try await storage.remove(key)
            default: return
            }
            events.publish(.repositoryChanged, in: name)
        }
    }
}
