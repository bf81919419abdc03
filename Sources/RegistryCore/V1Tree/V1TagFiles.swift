import ImageModel
import NIOCore
import Storage

/// The files of a v1 repository, in docker-registry's format.
struct V1TagFiles: Sendable {
    let storage: any ObjectStorage

    /// The tag whose push record docker-registry stores twice.
    private static let latest = "latest"

    /// Adds a tag and its push record to `batch`, which requires the image.
    ///
    /// - Throws: ``RegistryError/malformedTag(_:)`` if the tag is too long for the file system.
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
        batch.require(V1Layout.json(image))
        batch.put(ByteBuffer(string: image.description), at: key)
        // Several pushes in one second write the same records.
        for key in [recordKey, repositoryKey].compactMap(\.self) { batch.ensure(record, at: key) }
    }

    /// The tags out of `tags` that exist.
    func present(_ tags: [String], in name: V1RepositoryName) async throws -> [String] {
        let keys = tags.compactMap { tag in V1Layout.tag(tag, in: name).map { (tag, $0) } }
        let found = try await storage.exist(keys.map(\.1))
        return zip(keys, found).compactMap { $1 ? $0.0 : nil }
    }

    /// Deletes a tag, and returns whether it existed.
    func remove(_ tag: String, in name: V1RepositoryName) async throws -> Bool {
        guard try await !present([tag], in: name).isEmpty else { return false }
        var batch = WriteBatch()
        remove(tag, in: name, &batch)
        try await storage.commit(batch)
        return true
    }

    /// Adds the removal of a tag to `batch`. A repository without tags and other records ceases to exist.
    func remove(_ tag: String, in name: V1RepositoryName, _ batch: inout WriteBatch) {
        var keys = [V1Layout.tag(tag, in: name), V1Layout.tagJSON(tag, in: name)]
        if tag == Self.latest { keys.append(V1Layout.repositoryJSON(name)) }
        if let directory = V1Layout.repository(name) { batch.remove(keys.compactMap(\.self), pruning: directory) }
    }

    /// Removes all files of a repository.
    func removeRepository(_ name: V1RepositoryName) async throws {
        if let directory = V1Layout.repository(name) { try await storage.removeAll(below: directory) }
    }
}
