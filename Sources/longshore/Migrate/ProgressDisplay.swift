import Foundation
import Migration
import Storage
import Synchronization

/// Shows the progress of a migration: redrawn lines for the jobs and the total on a terminal, periodic lines elsewhere.
struct ProgressDisplay {
    private let progress: MigrationProgress

    init(_ progress: MigrationProgress) { self.progress = progress }

    /// Shows the progress of `work` while it runs.
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

/// Lines at the bottom of a terminal that are redrawn in place.
final class ProgressScreen: Sendable {
    private let lineCount = Mutex(0)

    /// Draws a line for each job and a total, replacing those drawn before.
    ///
    /// Lines that exceed the terminal's height or width could not be redrawn: they are left out or shortened.
    func draw(jobs: [MigrationProgress.Job], total: ProgressLine) {
        let size = Console.terminalSize
        let width = size.columns - 1
        let room = max(0, size.lines - 3)
        let more = jobs.count > room ? [String("  and \(jobs.count - room) more".prefix(max(0, width)))] : []
        let lines = jobs.prefix(room).map { ProgressLine.text($0, width: width) } + more + [total.text(width: width)]
        lineCount.withLock { count in
            let up = count > 0 ? "\u{1B}[\(count)A" : ""
            Console.note(part: up + "\r\u{1B}[J" + lines.map { $0 + "\n" }.joined())
            count = lines.count
        }
    }
}
