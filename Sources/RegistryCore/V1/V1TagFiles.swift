import ImageModel
import NIOCore
import Storage

/// The files of a v1 repository, as docker-registry writes them.
struct V1TagFiles: Sendable {
    let storage: any ObjectStorage

    /// The tag of which docker-registry notes twice who pushed it.
    private static let latest = "latest"

    /// Writes a tag, and who pushed it.
    ///
    /// - Throws: ``RegistryError/malformedTag(_:)`` for one that is too long for the file system.
    func write(_ tag: String, _ image: V1ImageID, by agent: ClientAgent, in name: V1RepositoryName) async throws {
        guard let key = V1Layout.tag(tag, in: name), let recordKey = V1Layout.tagJSON(tag, in: name) else {
            throw RegistryError.malformedTag(tag)
        }
        let seconds = WallClock.now / 1_000_000_000
        let record = ByteBuffer(bytes: agent.pushRecord(secondsSince1970: seconds).pythonEncoded())
        let repositoryKey = tag == Self.latest ? V1Layout.repositoryJSON(name) : nil
        let records = [recordKey, repositoryKey].compactMap { $0 }.map { NewObject(record, at: $0) }
        try await storage.write([NewObject(ByteBuffer(string: image.description), at: key)] + records)
    }

    /// Takes a tag away, and answers whether there was one.
    func remove(_ tag: String, in name: V1RepositoryName) async throws -> Bool {
        guard let key = V1Layout.tag(tag, in: name), let recordKey = V1Layout.tagJSON(tag, in: name),
            try await storage.remove(key)
        else { return false }
        try await storage.remove(recordKey)
        if tag == Self.latest, let key = V1Layout.repositoryJSON(name) { try await storage.remove(key) }
        try await removeIfEmpty(name)
        return true
    }

    /// Takes away all files of a repository.
    func removeRepository(_ name: V1RepositoryName) async throws {
        if let directory = V1Layout.repository(name) { try await storage.removeAll(below: directory) }
    }

    /// A repository whose last tag is gone and that nothing else was noted of is none.
    private func removeIfEmpty(_ name: V1RepositoryName) async throws {
        // At once or not at all: another tag may be about to be written there.
        if let directory = V1Layout.repository(name) { try await storage.removeIfEmpty(directory) }
    }
}
