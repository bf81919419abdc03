import ImageModel

/// One lock per blob, so that two layers with the same bytes are not sent at the same time.
actor DigestLocks {
    /// The waiting callers, for each blob that is being sent.
    private var waiting: [Digest: [CheckedContinuation<Void, Never>]] = [:]

    /// Runs `work` while no other caller sends the blob.
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
