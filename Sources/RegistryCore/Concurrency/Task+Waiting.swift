extension Task where Failure == any Error {
    /// The task's result, if it finishes in time, before its client disconnects and before the caller is cancelled;
    /// otherwise nil. The task itself continues either way.
    ///
    /// - Parameter limit: How long to wait; nil for as long as it takes.
    func value(within limit: Duration?) async throws -> Success? {
        let (results, continuation) = AsyncStream.makeStream(of: Result<Success, any Error>.self)
        let waiting = Task<Void, Never> { continuation.yield(await result) }
        let timer = limit.map { limit in
            Task<Void, any Error> {
                try await Task<Never, Never>.sleep(for: limit)
                continuation.finish()
            }
        }
        defer {
            waiting.cancel()
            timer?.cancel()
        }
        guard let presence = ClientPresence.current else { return try await Self.first(of: results) }
        return try await presence.whileWaiting {
            continuation.finish()
        } _: {
            try await Self.first(of: results)
        }
    }

    private static func first(of results: AsyncStream<Result<Success, any Error>>) async throws -> Success? {
        for await result in results { return try result.get() }
        return nil
    }
}

extension Task where Failure == any Error {
    /// Starts `call`, runs `work`, and returns the result of the call, which is awaited in any case.
    ///
    /// The call starts before `work` occupies the thread. As an `async let` it would need a thread of its own, and when
    /// all of them are hashing there is none.
    package static func beginning(
        _ call: sending @escaping @isolated(any) () async throws -> Success,
        during work: () async throws -> Void
    ) async throws -> Success {
        let begun = Task.immediate(operation: call)
        do { try await work() } catch {
            _ = await begun.result
            throw error
        }
        return try await begun.value
    }
}
