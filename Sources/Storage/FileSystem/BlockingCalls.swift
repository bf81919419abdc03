import NIOPosix

#if THREAD_SANITIZER
    import SanitizerLocks
#else
    /// Only Thread Sanitizer needs to be told that a continuation hands over values.
    private struct Handover: Sendable {
        func pass() {}
    }
#endif

/// Runs blocking calls on a dedicated thread pool.
///
/// A task on ``executor`` already runs on such a thread and calls directly: it switches threads when it starts and
/// ends, not for every call.
///
/// A call that has started is always awaited, even by a cancelled task: cleanup must not be skipped.
struct BlockingCalls: Sendable {
    let pool: NIOThreadPool
    /// Runs tasks on the pool's threads.
    let executor: BlockingExecutor

    init(pool: NIOThreadPool) {
        self.pool = pool
        executor = BlockingExecutor(pool)
    }

    /// Whether the caller may block its thread, because its task runs on ``executor``.
    var isHere: Bool {
        withUnsafeCurrentTask { $0?.unownedTaskExecutor == executor.asUnownedTaskExecutor() }
    }

    /// Runs `body` on a thread of the pool.
    ///
    /// - Throws: Any error of `body`, and ``StorageError/unreachable(_:reason:)`` for `key` if the pool is shut down.
    func run<Value: Sendable>(
        for key: ObjectKey,
        _ body: @escaping @Sendable () throws(StorageError) -> Value
    ) async throws(StorageError) -> Value {
        if isHere { return try body() }
        let handover = Handover()
        let result: Result<Value, StorageError> = await withCheckedContinuation { continuation in
            pool.submit { state in
                switch state {
                case .active:
                    let result = Result(catching: body)
                    handover.pass()
                    continuation.resume(returning: result)
                case .cancelled:
                    let error = StorageError.unreachable(key, reason: "the thread pool for file access is shut down")
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        handover.pass()
        return try result.get()
    }
}

/// Runs tasks on threads that may block.
final class BlockingExecutor: TaskExecutor {
    private let pool: NIOThreadPool

    init(_ pool: NIOThreadPool) { self.pool = pool }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // Jobs run even on a pool that was shut down, because every task must finish.
        pool.submit { _ in job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
