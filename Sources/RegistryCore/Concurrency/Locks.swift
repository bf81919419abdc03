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

/// A lock for each repository. Callers that write to it share the lock; a caller that deletes the repository
/// holds it exclusively. So nothing written meanwhile is half deleted.
///
/// Always acquire it before the locks of manifests and tags (``RevisionLocks``, ``TagLocks``), and never while holding
/// it already: the second request would wait behind a deletion that waits for the first.
actor RepositoryLocks {
    /// The holders of a lock, and the callers waiting in line.
    private struct Line {
        var sharerCount = 0
        var isExclusive = false
        var waiting: [(isExclusive: Bool, CheckedContinuation<Void, Never>)] = []

        /// Whether a caller may hold the lock beside its present holders.
        func admits(_ isExclusive: Bool) -> Bool { !self.isExclusive && (!isExclusive || sharerCount == 0) }

        mutating func admit(_ isExclusive: Bool) {
            if isExclusive { self.isExclusive = true } else { sharerCount += 1 }
        }

        mutating func dismiss(_ isExclusive: Bool) {
            if isExclusive { self.isExclusive = false } else { sharerCount -= 1 }
            while let (isExclusive, continuation) = waiting.first, admits(isExclusive) {
                waiting.removeFirst()
                admit(isExclusive)
                continuation.resume()
            }
        }
    }

    /// The lines of all locked repositories, by name; names that only v1 allows contain a space.
    private var lines: [String: Line] = [:]

    /// The number of callers waiting for a lock.
    var waitingCount: Int { lines.values.reduce(0) { $0 + $1.waiting.count } }

    /// Runs `work` while sharing the lock of a repository.
    func withSharedLock<Value: Sendable>(
        of name: some LockableName,
        _ work: @Sendable () async throws -> Value
    ) async rethrows -> Value {
        try await withLock(name.lockKey, isExclusive: false, work)
    }

    /// Runs `work` while holding the lock of a repository exclusively.
    func withExclusiveLock<Value: Sendable>(
        of name: some LockableName,
        _ work: @Sendable () async throws -> Value
    ) async rethrows -> Value {
        try await withLock(name.lockKey, isExclusive: true, work)
    }

    private func withLock<Value: Sendable>(
        _ key: String,
        isExclusive: Bool,
        _ work: @Sendable () async throws -> Value
    ) async rethrows -> Value {
        await acquire(key, isExclusive)
        defer { release(key, isExclusive) }
        return try await work()
    }

    private func acquire(_ key: String, _ isExclusive: Bool) async {
        var line = lines[key] ?? Line()
        guard line.waiting.isEmpty, line.admits(isExclusive) else {
            return await withCheckedContinuation { lines[key, default: line].waiting.append((isExclusive, $0)) }
        }
        line.admit(isExclusive)
        lines[key] = line
    }

    private func release(_ key: String, _ isExclusive: Bool) {
        guard var line = lines[key] else { return }
        line.dismiss(isExclusive)
        lines[key] = line.sharerCount == 0 && !line.isExclusive ? nil : line
    }
}

/// A name by which a repository can be locked.
protocol LockableName: Sendable {
    /// The same for all names of a repository.
    var lockKey: String { get }
}

extension RepositoryName: LockableName {
    var lockKey: String { description }
}

extension V1RepositoryName: LockableName {
    var lockKey: String { (try? v2Name)?.description ?? "v1 \(self)" }
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
