import ImageModel

/// A lock for each key: who comes second waits in line.
actor KeyedLocks<Key: Hashable & Sendable> {
    /// Those who wait, for each key whose lock is held.
    private var waiting: [Key: [CheckedContinuation<Void, Never>]] = [:]

    /// Does `work` while nothing else holds the lock of `key`.
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

/// A lock for each manifest of a repository: who makes tags name it holds the lock from before it is written until they
/// do, and so does who takes it and its tags away. So no tag is left that names nothing.
///
/// It is taken before the lock of a tag (``TagLocks``), never after.
struct RevisionLocks: Sendable {
    private struct Key: Hashable {
        let name: RepositoryName
        let digest: Digest
    }

    private let locks = KeyedLocks<Key>()

    /// Does `work` while nothing else holds the lock of the manifest.
    func withLock<Value: Sendable>(
        _ digest: Digest,
        in name: RepositoryName,
        _ work: @Sendable () async throws -> Value
    ) async rethrows -> Value {
        try await locks.withLock(Key(name: name, digest: digest), work)
    }
}
