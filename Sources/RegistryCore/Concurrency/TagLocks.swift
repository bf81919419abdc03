import ImageModel

/// A lock per tag; callers wait in line.
struct TagLocks: Sendable {
    private struct Key: Hashable {
        let name: RepositoryName
        let tag: Tag
    }

    private let locks = KeyedLocks<Key>()

    /// Runs `work` while holding the locks of the tags.
    func withLocks<Value: Sendable>(
        _ tags: Set<Tag>,
        in name: RepositoryName,
        _ work: @Sendable () async throws -> Value
    ) async throws -> Value {
        // Always in the same order, to avoid deadlocks.
        try await withLocks(tags.sorted { $0.description < $1.description }[...], in: name, work)
    }

    private func withLocks<Value: Sendable>(
        _ tags: ArraySlice<Tag>,
        in name: RepositoryName,
        _ work: @Sendable () async throws -> Value
    ) async throws -> Value {
        guard let first = tags.first else { return try await work() }
        return try await withLock(first, in: name) {
            try await withLocks(tags.dropFirst(), in: name, work)
        }
    }

    /// Runs `work` while holding the lock of the tag.
    func withLock<Value: Sendable>(
        _ tag: Tag,
        in name: RepositoryName,
        _ work: @Sendable () async throws -> Value
    ) async rethrows -> Value {
        try await locks.withLock(Key(name: name, tag: tag), work)
    }
}
