import NIOPosix

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
        let result: Result<Value, StorageError> = await withCheckedContinuation { continuation in
            pool.submit { state in
                switch state {
                case .active: continuation.resume(returning: Result(catching: body))
                case .cancelled:
                    let error = StorageError.unreachable(key, reason: "the threads for file access are shut down")
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }
}
