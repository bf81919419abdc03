import NIOPosix

#if THREAD_SANITIZER
    import SanitizerLocks
#else
    /// Only Thread Sanitizer has to be shown that a continuation hands over values.
    private struct Handover: Sendable {
        func pass() {}
    }
#endif

/// Runs calls that block on a pool of threads kept for them.
///
/// What was begun is always awaited, also by a task that is cancelled: tidying up must not be skipped.
struct BlockingCalls: Sendable {
    let pool: NIOThreadPool

    /// Runs `body` on a thread of the pool.
    ///
    /// - Throws: What `body` throws, and ``StorageError/unreachable(_:reason:)`` for `key` when the pool is shut down.
    func run<Value: Sendable>(
        for key: ObjectKey,
        _ body: @escaping @Sendable () throws(StorageError) -> Value
    ) async throws(StorageError) -> Value {
        let handover = Handover()
        let result: Result<Value, StorageError> = await withCheckedContinuation { continuation in
            pool.submit { state in
                switch state {
                case .active:
                    let result = Result(catching: body)
                    handover.pass()
                    continuation.resume(returning: result)
                case .cancelled:
                    let error = StorageError.unreachable(key, reason: "the threads for file access are shut down")
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        handover.pass()
        return try result.get()
    }
}
