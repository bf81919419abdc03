import NIOCore
import NIOPosix
import Storage
import SystemLibraries

/// Work on bytes that clients or old trees brought, on threads of its own: decompression, tars, hashes, large documents.
///
/// Neither the event loops nor the threads that all other requests share are ever held by it. It is cut into steps that are
/// bounded by what comes out of the bytes, not by how many there are, and whatever waits gets its turn between two steps.
package enum HeavyWork {
    /// About how many bytes one step may bring out.
    package static let stepByteCount = 2 << 20

    /// Where it runs: as many threads as there are processors, for the whole process.
    package static let executor: any TaskExecutor = ThreadPoolExecutor(.shared)

    /// Whose turn it is to read a stored layer: as many at once as there are threads.
    private static let readers = WorkSlots(threadCount)
    /// Whose turn it is to read one in xz, lzma or zstd: a single one may take more than 100 MiB of memory.
    private static let largeReaders = WorkSlots(1)

    fileprivate static let threadCount = max(System.coreCount, 2)

    /// Runs `work`, which reads a stored layer in this compression, when it is its turn.
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

    /// Reads a document of `byteCount` bytes by `work`: there where it is large, else where the caller is.
    package static func parsing<Value, Failure: Error>(
        _ byteCount: Int,
        _ work: () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        if byteCount <= smallDocumentByteCount { return try work() }
        return try await withTaskExecutorPreference(executor) { () throws(Failure) in try work() }
    }

    /// For requests whose body is a document: one of 4 MiB is worked on at a time, or many smaller ones.
    package static let arrivingDocuments = ByteTurns(byteLimit: 4 << 20)

    /// Documents of so many bytes are read in a millisecond.
    package static let smallDocumentByteCount = 32 << 10

    /// Runs `work` there, and returns to where the caller was.
    package static func perform<Value, Failure: Error>(
        _ work: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await withTaskExecutorPreference(executor, operation: work)
    }
}

/// Runs jobs on a pool of threads, in the order in which they came.
private final class ThreadPoolExecutor: TaskExecutor {
    private let pool: NIOThreadPool

    init(_ pool: NIOThreadPool) { self.pool = pool }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // The pool is never shut down: a job is never refused.
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
