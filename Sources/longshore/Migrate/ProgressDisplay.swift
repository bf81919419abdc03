import Foundation
import Migration
import Storage

/// Shows how far a migration is: a line a job and a bar, redrawn, on a terminal; a plain line now and then elsewhere.
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
        let elapsed = (ContinuousClock.now - started) / .seconds(1)
        let state = progress.snapshot
        let line = Self.line(state, elapsed: max(elapsed, 0.2), hasBar: isTerminal)
        if isTerminal { screen.draw(jobs: state.jobs.map(Self.line), total: line) } else { Console.note(line) }
    }

    /// One line for a layer that is being read.
    static func line(_ job: MigrationProgress.Job) -> String {
        let done = min(job.byteCount, job.bytesDone / Int64(job.stepCount))
        let share = job.byteCount == 0 ? 1 : Double(done) / Double(job.byteCount)
        return "  \("\(job.image)".prefix(12))  " + String(format: "%3d%%", Int(share * 100))
            + "  \(Quantity.bytes(done)) of \(Quantity.bytes(job.byteCount))"
    }

    /// One line: the share that is done, bytes per second, the time that remains, layers and tags.
    static func line(_ state: MigrationProgress.Snapshot, elapsed: TimeInterval, hasBar: Bool) -> String {
        let moved = state.bytesRead + state.bytesFetched + state.bytesSent
        let total = state.bytesToRead.clampedMultiplied(by: Int64(state.stepCount))
        // What is there already is not sent.
        let isDone = total == 0 || state.layersDone == state.layersToDo
        let share = isDone ? 1 : min(1, Double(moved) / Double(total))
        let rate = Double(moved) / elapsed
        var parts: [String] = []
        if hasBar {
            let filled = Int(share * 24)
            parts.append("[" + String(repeating: "#", count: filled) + String(repeating: "-", count: 24 - filled) + "]")
        }
        parts.append(String(format: "%3d%%", Int(share * 100)))
        parts.append("\(Quantity.bytes(state.bytesRead)) of \(Quantity.bytes(state.bytesToRead))")
        parts.append("\(Quantity.bytes(Int64(rate)))/s")
        if rate > 0, share < 1 {
            parts.append("\(Quantity.duration(max(0, Double(total) - Double(moved)) / rate)) left")
        }
        parts.append("layers \(state.layersDone)/\(state.layersToDo)")
        parts.append("tags \(state.tagsDone)/\(state.tagsToDo)")
        if state.bytesFetched > 0 { parts.append("fetched \(Quantity.bytes(state.bytesFetched))") }
        if state.bytesSent > 0 { parts.append("sent \(Quantity.bytes(state.bytesSent))") }
        if state.bytesVerified > 0 { parts.append("read back \(Quantity.bytes(state.bytesVerified))") }
        return parts.joined(separator: "  ")
    }
}
