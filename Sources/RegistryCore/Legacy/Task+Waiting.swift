extension Task where Failure == any Error {
    /// What the task ends in, if it does so in time; nil otherwise. It goes on either way.
    func value(within limit: Duration) async throws -> Success? {
        let (results, continuation) = AsyncStream.makeStream(of: Result<Success, any Error>.self)
        let waiting = Task<Void, Never> { continuation.yield(await result) }
        let timer = Task<Void, any Error> {
            try await Task<Never, Never>.sleep(for: limit)
            continuation.finish()
        }
        defer {
            waiting.cancel()
            timer.cancel()
        }
        for await result in results { return try result.get() }
        return nil
    }
}
