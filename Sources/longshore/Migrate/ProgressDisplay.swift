import Foundation
import Migration
import Storage

/// Shows how far a migration is: a line a job and one for all, redrawn, on a terminal; a plain line now and then elsewhere.
struct ProgressDisplay {
    private let progress: MigrationProgress

    init(_ progress: MigrationProgress) { self.progress = progress }

    /// Shows the progress of `work` while it works.
    func showing<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let isTerminal = Console.isTerminal
        let screen = ProgressScreen()
        let started = ContinuousClock.now
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                while !Task.isCancelled {
                    do { try await Task.sleep(for: isTerminal ? .milliseconds(200) : .seconds(5)) } catch { break }
                    show(isTerminal, on: screen, since: started)
                }
                return nil
            }
            defer { group.cancelAll() }
            while let finished = try await group.next() {
                if let value = finished {
                    if isTerminal { show(true, on: screen, since: started) }
                    return value
                }
            }
            throw CancellationError()
        }
    }

    private func show(_ isTerminal: Bool, on screen: ProgressScreen, since started: ContinuousClock.Instant) {
        let state = progress.snapshot
        let line = ProgressLine(state, elapsed: (ContinuousClock.now - started) / .seconds(1))
        if isTerminal { screen.draw(jobs: state.jobs, total: line) } else { Console.note(line.text) }
    }
}
