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
/// A task that runs on ``executor`` is on such a thread already, and makes its calls where it is: it changes threads when
/// it begins and when it ends, not at every call.
///
/// What was begun is always awaited, also by a task that is cancelled: tidying up must not be skipped.
struct BlockingCalls: Sendable {
    let pool: NIOThreadPool
    /// Runs tasks on the threads of the pool.
    let executor: BlockingExecutor

    init(pool: NIOThreadPool) {
        self.pool = pool
        executor = BlockingExecutor(pool)
    }

    /// Whether the caller may block its thread: its task prefers ``executor``.
    var isHere: Bool {
        withUnsafeCurrentTask { $0?.unownedTaskExecutor == executor.asUnownedTaskExecutor() }
    }

    /// Runs `body` on a thread of the pool.
    ///
    /// - Throws: What `body` throws, and ``StorageError/unreachable(_:reason:)`` for `key` when the pool is shut down.
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
                    let error = StorageError.unreachable(key, reason: "the threads for file access are shut down")
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
        // A pool that was shut down runs it too: a task must come to its end.
        pool.submit { _ in job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
