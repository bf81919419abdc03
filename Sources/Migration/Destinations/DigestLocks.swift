import ImageModel

/// A lock for each blob: two layers with the same bytes are not sent at the same time.
actor DigestLocks {
    /// Those who wait, for each blob that is being sent.
    private var waiting: [Digest: [CheckedContinuation<Void, Never>]] = [:]

    /// Does `work` while nobody else sends the blob.
    func withLock<Value: Sendable>(
        _ digest: Digest,
        _ work: @Sendable () async throws -> Value
    ) async rethrows -> Value {
        if waiting[digest] == nil {
            waiting[digest] = []
        } else {
            await withCheckedContinuation { waiting[digest, default: []].append($0) }
        }
        defer { release(digest) }
        return try await work()
    }

    private func release(_ digest: Digest) {
        if waiting[digest]?.isEmpty == false {
            waiting[digest]?.removeFirst().resume()
        } else {
            waiting[digest] = nil
        }
    }
}
