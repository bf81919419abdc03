extension Task where Failure == any Error {
    /// What the task ends in, if it does so in time, while its client is there and while the caller is not cancelled; nil
    /// otherwise. It goes on either way.
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
