import NIOCore
import NIOPosix
import Storage
import SystemLibraries

/// CPU-heavy work on bytes from clients or old trees, on its own threads: decompression, tars, hashes, large documents.
///
/// It never blocks event loops or the threads shared by other requests. Work is split into steps bounded by their
/// output rather than their input, and other work can run between two steps.
package enum HeavyWork {
    /// The approximate maximum output of one step in bytes.
    package static let stepByteCount = 2 << 20

    /// The executor for heavy work: one thread per processor, for the whole process.
    package static let executor: any TaskExecutor = ThreadPoolExecutor(.shared)

    /// Limits concurrent reads of stored layers to the number of threads.
    private static let readers = WorkSlots(threadCount)
    /// Limits reads of xz, lzma and zstd layers to one: each may take more than 100 MiB of memory.
    private static let largeReaders = WorkSlots(1)

    fileprivate static let threadCount = max(System.coreCount, 2)

    /// Runs `work`, which reads a stored layer with this compression, when it is its turn.
    static func reading<Value: Sendable>(
        _ compression: Compression,
        _ work: @Sendable () async throws -> Value
    ) async throws -> Value {
        switch compression {
        case .none, .gzip, .bzip2: try await readers.perform { try await perform(work) }
        case .xz, .lzma, .zstd:
            try await largeReaders.perform { try await readers.perform { try await perform(work) } }
        }
    }

    /// Parses a document of `byteCount` bytes with `work`: on the heavy-work threads if it is large, otherwise in
    /// place.
    package static func parsing<Value, Failure: Error>(
        _ byteCount: Int,
        _ work: () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        if byteCount <= smallDocumentByteCount { return try work() }
        return try await withTaskExecutorPreference(executor) { () throws(Failure) in try work() }
    }

    /// For requests whose body is a document: one of 4 MiB at a time, or several smaller ones.
    package static let arrivingDocuments = ByteTurns(byteLimit: 4 << 20)

    /// The size up to which a document is parsed within a millisecond.
    package static let smallDocumentByteCount = 32 << 10

    /// Runs `work` on the heavy-work threads, then returns to the caller's executor.
    package static func perform<Value, Failure: Error>(
        _ work: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await withTaskExecutorPreference(executor, operation: work)
    }
}

/// Runs jobs on a thread pool, in order of submission.
private final class ThreadPoolExecutor: TaskExecutor {
    private let pool: NIOThreadPool

    init(_ pool: NIOThreadPool) { self.pool = pool }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // The pool is never shut down, so no job is ever refused.
        pool.submit { _ in job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

extension NIOThreadPool {
    fileprivate static let shared: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: HeavyWork.threadCount)
        pool.start()
        return pool
    }()
}
