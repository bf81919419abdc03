extension Task where Failure == any Error {
    /// Begins `call`, does `work`, and answers what came of the call, which is waited for in any case.
    ///
    /// The call is under way before `work` takes the thread; as an `async let` it would wait for a thread of its own, and
    /// where all of them hash there is none.
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
