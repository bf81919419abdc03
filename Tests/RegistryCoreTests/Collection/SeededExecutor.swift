import Foundation
import TestSupport

/// Runs the jobs of tasks on one thread, one at a time, in an order determined by a seed.
///
/// Work on other threads resumes here when it is done. Without such work, every run of a seed is the same.
final class SeededExecutor: TaskExecutor, @unchecked Sendable {
    // Guarded by the condition.
    private var jobs: [UnownedJob] = []
    private var generator: SeededGenerator
    private var isFinished = false
    private let condition = NSCondition()

    private init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        condition.lock()
        jobs.append(job)
        condition.signal()
        condition.unlock()
    }

    /// Runs `work` and everything it starts, on a thread of its own.
    static func run<Value: Sendable>(
        seed: UInt64,
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let executor = SeededExecutor(seed: seed)
        let task = Task(executorPreference: executor) {
            defer { executor.finish() }
            return try await work()
        }
        await withCheckedContinuation { continuation in
            let thread = Thread {
                executor.drain()
                continuation.resume()
            }
            thread.stackSize = 4 << 20
            thread.start()
        }
        return try await task.value
    }

    private func finish() {
        condition.lock()
        isFinished = true
        condition.signal()
        condition.unlock()
    }

    private func drain() {
        while let job = next() { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }

    /// The next job, chosen at random; nil when the work is done and no jobs are left.
    private func next() -> UnownedJob? {
        condition.lock()
        defer { condition.unlock() }
        while jobs.isEmpty {
            if isFinished { return nil }
            condition.wait()
        }
        let index = Int.random(in: 0..<jobs.count, using: &generator)
        jobs.swapAt(index, jobs.count - 1)
        return jobs.removeLast()
    }
}
