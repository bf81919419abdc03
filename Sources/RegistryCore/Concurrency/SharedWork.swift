/// Work that is done once for all who wait for it at the same time, and is cancelled when nobody does any more.
///
/// Whoever has waited as long as a request may is expected back: for their sake it goes on for a while. A failure is remembered
/// for a while too, so that asking for a damaged image again does not read it again.
actor SharedWork<Key: Hashable & Sendable, Value: Sendable> {
    private struct Running {
        let task: Task<Value, any Error>
        /// Tells this work from one that is begun for the same key after it was cancelled.
        let number: Int
        var waitingCount = 0
        /// Whether it goes on although nobody waits: the server itself wants it.
        var isWanted = false
        /// Until when those are expected back whose time was up.
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

    /// How long work goes on for clients that were asked to come back.
    private static var patience: Duration { .seconds(120) }

    /// - Parameters:
    ///   - failureLifetime: How long a failure is remembered.
    ///   - remembers: Which failures are: those that the same work would end in again.
    init(failureLifetime: Duration, remembers: @escaping @Sendable (any Error) -> Bool) {
        self.failureLifetime = failureLifetime
        self.remembers = remembers
    }

    /// The value for `key`: of the work that goes on already, or of `work`, started now.
    ///
    /// - Parameter limit: How long to wait; nil for as long as it takes.
    /// - Returns: Nil when it takes longer. The work goes on for a while then.
    /// - Throws: What the work throws; `CancellationError` when the caller is cancelled or its client gone.
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
    /// - Throws: As ``value(for:within:_:)``.
    func value(for key: Key, _ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        guard let value = try await value(for: key, within: nil, work) else { throw CancellationError() }
        return value
    }

    /// Begins the work for `key`, for the server itself: it goes on to its end, whoever waits.
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
        // Detached: what it does belongs to no single request.
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

    /// Cancels work that nobody waits for or is expected to.
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
