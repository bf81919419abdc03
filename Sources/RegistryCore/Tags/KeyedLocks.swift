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
