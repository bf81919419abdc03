import ImageModel

/// A lock per key; callers wait in line.
actor KeyedLocks<Key: Hashable & Sendable> {
    /// The waiting callers for each locked key.
    private var waiting: [Key: [CheckedContinuation<Void, Never>]] = [:]

    /// Runs `work` while holding the lock of `key`.
    func withLock<Value: Sendable>(
        _ key: Key,
        _ work: @Sendable () async throws -> Value
    ) async rethrows -> Value {
        if waiting[key] == nil {
            waiting[key] = []
        } else {
            await withCheckedContinuation { waiting[key, default: []].append($0) }
        }
        defer { release(key) }
        return try await work()
    }

    private func release(_ key: Key) {
        if waiting[key]?.isEmpty == false {
            waiting[key]?.removeFirst().resume()
        } else {
            waiting[key] = nil
        }
    }
}

/// A lock for each manifest of a repository. A caller that tags a manifest holds it from before the manifest is written
/// until the tags point to it; a caller that deletes a manifest and its tags holds it too. So no tag is left dangling.
///
/// Always acquire it before the lock of a tag (``TagLocks``), never after.
struct RevisionLocks: Sendable {
    private struct Key: Hashable {
        let name: RepositoryName
        let digest: Digest
    }

    private let locks = KeyedLocks<Key>()

    /// Runs `work` while holding the lock of the manifest.
    func withLock<Value: Sendable>(
        _ digest: Digest,
        in name: RepositoryName,
        _ work: @Sendable () async throws -> Value
    ) async rethrows -> Value {
        try await locks.withLock(Key(name: name, digest: digest), work)
    }
}

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
