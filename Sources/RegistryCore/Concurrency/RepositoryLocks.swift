import ImageModel

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
        of name: RepositoryName,
        _ work: @Sendable () async throws -> Value
    ) async rethrows -> Value {
        try await withLock(name.description, isExclusive: false, work)
    }

    /// Runs `work` while sharing the lock of a repository.
    func withSharedLock<Value: Sendable>(
        of name: V1RepositoryName,
        _ work: @Sendable () async throws -> Value
    ) async rethrows -> Value {
        try await withLock(Self.key(name), isExclusive: false, work)
    }

    /// Runs `work` while holding the lock of a repository exclusively.
    func withExclusiveLock<Value: Sendable>(
        of name: RepositoryName,
        _ work: @Sendable () async throws -> Value
    ) async rethrows -> Value {
        try await withLock(name.description, isExclusive: true, work)
    }

    /// Runs `work` while holding the lock of a repository exclusively.
    func withExclusiveLock<Value: Sendable>(
        of name: V1RepositoryName,
        _ work: @Sendable () async throws -> Value
    ) async rethrows -> Value {
        try await withLock(Self.key(name), isExclusive: true, work)
    }

    private static func key(_ name: V1RepositoryName) -> String {
        (try? name.v2Name)?.description ?? "v1 \(name)"
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
