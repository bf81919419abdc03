import ImageModel

/// A lock for each tag: who comes second waits in line.
actor TagLocks {
    private struct Key: Hashable {
        let name: RepositoryName
        let tag: Tag
    }

    /// Those who wait, for each tag whose lock is held.
    private var waiting: [Key: [CheckedContinuation<Void, Never>]] = [:]

    /// Does `work` while nothing else holds the lock of the tag.
    func withLock<Value: Sendable>(
        _ tag: Tag,
        in name: RepositoryName,
        _ work: @Sendable () async throws -> Value
    ) async rethrows -> Value {
        let key = Key(name: name, tag: tag)
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
