/// Work that runs once for all callers waiting for it, and is cancelled when no one waits any more.
///
/// A caller that waited as long as a request may is expected to come back, so the work continues for a while. Failures
/// are remembered for a while too, so that requests for a damaged image do not read it again.
actor SharedWork<Key: Hashable & Sendable, Value: Sendable> {
    private struct Running {
        let task: Task<Value, any Error>
        /// Distinguishes this work from work started for the same key after a cancellation.
        let number: Int
        var waitingCount = 0
        /// Whether it continues even without waiting callers, because the server itself wants it.
        var isWanted = false
        /// Until when callers that timed out are expected back.
        var keptUntil: ContinuousClock.Instant?
    }

    private struct Failed {
        let error: any Error
        let time: ContinuousClock.Instant
    }

    private var running: [Key: Running] = [:]
    private var failed: [Key: Failed] = [:]
    private var count = 0
    private let failureLifetime: Duration
    private let remembers: @Sendable (any Error) -> Bool

    /// How long work continues for clients that were asked to come back.
    private static var patience: Duration { .seconds(120) }

    /// - Parameters:
    ///   - failureLifetime: How long failures are remembered.
    ///   - remembers: Whether a failure is remembered, because the same work would fail again.
    init(failureLifetime: Duration, remembers: @escaping @Sendable (any Error) -> Bool) {
        self.failureLifetime = failureLifetime
        self.remembers = remembers
    }

    /// The number of keys whose work is running.
    var runningCount: Int { running.count }

    /// The value for `key`, from running work or from `work`, which is then started.
    ///
    /// - Parameter limit: How long to wait; nil for as long as it takes.
    /// - Returns: Nil if it takes longer. The work then continues for a while.
    /// - Throws: Any error of the work; `CancellationError` if the caller is cancelled or its client has disconnected.
    func value(
        for key: Key,
        within limit: Duration?,
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value? {
        if let failure = failure(for: key) { throw failure }
        let (task, number) = join(key, work)
        running[key]?.waitingCount += 1
        let value: Value?
        do {
            value = try await task.value(within: limit)
        } catch {
            leave(key, number, isExpectedBack: false)
            throw error
        }
        if let value {
            leave(key, number, isExpectedBack: false)
            return value
        }
        let isGone = Task.isCancelled || ClientPresence.current?.isGone == true
        leave(key, number, isExpectedBack: !isGone)
        if isGone { throw CancellationError() }
        return nil
    }

    /// The value for `key`, however long it takes.
    ///
    /// - Throws: Like ``value(for:within:_:)``.
    func value(for key: Key, _ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        guard let value = try await value(for: key, within: nil, work) else { throw CancellationError() }
        return value
    }

    /// Starts the work for `key` for the server itself: it runs to its end, even without waiting callers.
    func begin(_ key: Key, _ work: @escaping @Sendable () async throws -> Value) {
        guard failure(for: key) == nil else { return }
        _ = join(key, work)
        running[key]?.isWanted = true
    }

    private func join(
        _ key: Key,
        _ work: @escaping @Sendable () async throws -> Value
    ) -> (Task<Value, any Error>, number: Int) {
        if let running = running[key] { return (running.task, running.number) }
        count += 1
        let number = count
        // Detached, because it does not belong to a single request.
        let task = Task.detached(executorPreference: HeavyWork.executor) { try await work() }
        running[key] = Running(task: task, number: number)
        Task.detached { await self.record(task.result, for: key, number) }
        return (task, number)
    }

    private func leave(_ key: Key, _ number: Int, isExpectedBack: Bool) {
        guard running[key]?.number == number else { return }
        running[key]?.waitingCount -= 1
        if isExpectedBack {
            running[key]?.keptUntil = .now + Self.patience
            Task.detached {
                try await Task.sleep(for: Self.patience)
                await self.giveUp(key, number)
            }
        }
        giveUp(key, number)
    }

    /// Cancels work that no one waits for or is expected back for.
    private func giveUp(_ key: Key, _ number: Int) {
        guard let work = running[key], work.number == number, work.waitingCount == 0, !work.isWanted else { return }
        if let time = work.keptUntil, ContinuousClock.now < time { return }
        work.task.cancel()
        running[key] = nil
    }

    private func record(_ result: Result<Value, any Error>, for key: Key, _ number: Int) {
        guard running[key]?.number == number else { return }
        running[key] = nil
        if case .failure(let error) = result, remembers(error) { failed[key] = Failed(error: error, time: .now) }
        failed = failed.filter { ContinuousClock.now - $0.value.time < failureLifetime }
    }

    private func failure(for key: Key) -> (any Error)? {
        guard let failure = failed[key], ContinuousClock.now - failure.time < failureLifetime else { return nil }
        return failure.error
    }
}
