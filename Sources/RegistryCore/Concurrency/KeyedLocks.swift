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
