/// Work that is done once for all who ask for it at the same time, and goes on when they stop waiting.
///
/// A failure is remembered for a while, so that asking for a damaged image again does not read it again.
actor SharedWork<Key: Hashable & Sendable, Value: Sendable> {
    private enum State {
        case running(Task<Value, any Error>)
        case failed(any Error, at: ContinuousClock.Instant)
    }

    private var states: [Key: State] = [:]
    private let failureLifetime: Duration
    private let remembers: @Sendable (any Error) -> Bool

    /// - Parameters:
    ///   - failureLifetime: How long a failure is remembered.
    ///   - remembers: Which failures are: those that the same work would end in again.
    init(failureLifetime: Duration, remembers: @escaping @Sendable (any Error) -> Bool) {
        self.failureLifetime = failureLifetime
        self.remembers = remembers
    }

    /// The value for `key`: of the work that goes on already, or of `work`, started now.
    func task(for key: Key, _ work: @escaping @Sendable () async throws -> Value) -> Task<Value, any Error> {
        switch states[key] {
        case .running(let task): return task
        case .failed(let error, let time) where ContinuousClock.now - time < failureLifetime:
            return Task { throw error }
        case .failed, nil: break
        }
        let task = Task { try await work() }
        states[key] = .running(task)
        Task { await settle(key, task.result) }
        return task
    }

    private func settle(_ key: Key, _ result: Result<Value, any Error>) {
        switch result {
        case .success: states[key] = nil
        case .failure(let error): states[key] = remembers(error) ? .failed(error, at: .now) : nil
        }
        forgetOldFailures()
    }

    private func forgetOldFailures() {
        states = states.filter { _, state in
            if case .failed(_, let time) = state { ContinuousClock.now - time < failureLifetime } else { true }
        }
    }
}
