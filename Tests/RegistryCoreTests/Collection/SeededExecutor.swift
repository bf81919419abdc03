import Foundation
import TestSupport

/// Runs the jobs of tasks on one thread, one at a time, in an order determined by a seed.
///
/// Work on other threads resumes here when it is done. Without such work, every run of a seed is the same.
final class SeededExecutor: TaskExecutor, @unchecked Sendable {
    /// A task that waits until many jobs have run.
    private struct Sleeper {
        let wakeTurn: Int
        let continuation: UnsafeContinuation<Void, Never>
    }

    // Guarded by the condition.
    private var jobs: [UnownedJob] = []
    private var sleepers: [Sleeper] = []
    private var turn = 0
    private var jobCount = 0
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

    /// Waits until `turns` jobs have run, or nothing else is left to do.
    func pause(_ turns: Int) async {
        await withUnsafeContinuation { continuation in
            condition.withLock {
                sleepers.append(Sleeper(wakeTurn: turn + turns, continuation: continuation))
                condition.signal()
            }
        }
    }

    /// Runs `work` and everything it starts, on a thread of its own. Returns the number of jobs that ran.
    static func run(
        seed: UInt64,
        _ work: @escaping @Sendable (SeededExecutor) async throws -> Void
    ) async throws -> Int {
        let executor = SeededExecutor(seed: seed)
        let task = Task(executorPreference: executor) {
            defer { executor.finish() }
            return try await work(executor)
        }
        await withCheckedContinuation { continuation in
            let thread = Thread {
                executor.drain()
                continuation.resume()
            }
            thread.stackSize = 4 << 20
            thread.start()
        }
        try await task.value
        return executor.condition.withLock { executor.jobCount }
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
        turn += 1
        wakeSleepers()
        while jobs.isEmpty {
            if let first = sleepers.map(\.wakeTurn).min() {
                turn = first
                wakeSleepers()
            } else if isFinished {
                return nil
            } else {
                condition.wait()
            }
        }
        let index = Int.random(in: 0..<jobs.count, using: &generator)
        jobCount += 1
        jobs.swapAt(index, jobs.count - 1)
        return jobs.removeLast()
    }

    /// Wakes the tasks whose time has come. The caller holds the lock.
    private func wakeSleepers() {
        guard !sleepers.isEmpty else { return }
        let due = sleepers.filter { $0.wakeTurn <= turn }
        guard !due.isEmpty else { return }
        sleepers.removeAll { $0.wakeTurn <= turn }
        condition.unlock()
        for sleeper in due { sleeper.continuation.resume() }
        condition.lock()
    }
}
