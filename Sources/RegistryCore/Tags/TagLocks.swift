import ImageModel

/// A lock for each tag: who comes second waits in line.
struct TagLocks: Sendable {
    private struct Key: Hashable {
        let name: RepositoryName
        let tag: Tag
    }

    private let locks = KeyedLocks<Key>()

    /// Does `work` while nothing else holds the lock of the tag.
    func withLock<Value: Sendable>(
        _ tag: Tag,
        in name: RepositoryName,
        _ work: @Sendable () async throws -> Value
    ) async rethrows -> Value {
        try await locks.withLock(Key(name: name, tag: tag), work)
    }
}
