import ImageModel
import NIOCore
import Storage

/// The files of a v1 repository, as docker-registry writes them.
struct V1TagFiles: Sendable {
    let storage: any ObjectStorage

    /// The tag of which docker-registry notes twice who pushed it.
    private static let latest = "latest"

    /// Adds a tag to `batch`, and who pushed it.
    ///
    /// - Throws: ``RegistryError/malformedTag(_:)`` for one that is too long for the file system.
    func write(
        _ tag: String,
        _ image: V1ImageID,
        by agent: ClientAgent,
        in name: V1RepositoryName,
        _ batch: inout WriteBatch
    ) throws {
        guard let key = V1Layout.tag(tag, in: name), let recordKey = V1Layout.tagJSON(tag, in: name) else {
            throw RegistryError.malformedTag(tag)
        }
        let seconds = WallClock.now / 1_000_000_000
        let record = ByteBuffer(bytes: agent.pushRecord(secondsSince1970: seconds).pythonEncoded())
        let repositoryKey = tag == Self.latest ? V1Layout.repositoryJSON(name) : nil
        batch.put(ByteBuffer(string: image.description), at: key)
        for key in [recordKey, repositoryKey].compactMap(\.self) { batch.put(record, at: key) }
    }

    /// Those of these tags that there are.
    func present(_ tags: [String], in name: V1RepositoryName) async throws -> [String] {
        let keys = tags.compactMap { tag in V1Layout.tag(tag, in: name).map { (tag, $0) } }
        let found = try await storage.exist(keys.map(\.1))
        return zip(keys, found).compactMap { $1 ? $0.0 : nil }
    }

    /// Takes a tag away, and returns whether there was one.
    func remove(_ tag: String, in name: V1RepositoryName) async throws -> Bool {
        guard try await !present([tag], in: name).isEmpty else { return false }
        var batch = WriteBatch()
        remove(tag, in: name, &batch)
        try await storage.commit(batch)
        return true
    }

    /// Adds to `batch` what takes a tag away. A repository whose last tag is gone and that nothing else was noted of is
    /// none.
    func remove(_ tag: String, in name: V1RepositoryName, _ batch: inout WriteBatch) {
        var keys = [V1Layout.tag(tag, in: name), V1Layout.tagJSON(tag, in: name)]
        if tag == Self.latest { keys.append(V1Layout.repositoryJSON(name)) }
        if let directory = V1Layout.repository(name) { batch.remove(keys.compactMap(\.self), pruning: directory) }
    }

    /// Takes away all files of a repository.
    func removeRepository(_ name: V1RepositoryName) async throws {
        if let directory = V1Layout.repository(name) { try await storage.removeAll(below: directory) }
    }
}
