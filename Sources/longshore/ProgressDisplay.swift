import Foundation
import Migration

/// Shows how far a migration is: a bar that is redrawn on a terminal, a plain line now and then elsewhere.
struct ProgressDisplay {
    private let progress: MigrationProgress

    init(_ progress: MigrationProgress) { self.progress = progress }

    /// Shows the progress of `work` while it works.
    func showing<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let isTerminal = Console.isTerminal
        let started = ContinuousClock.now
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                while !Task.isCancelled {
                    do { try await Task.sleep(for: isTerminal ? .milliseconds(200) : .seconds(5)) } catch { break }
                    show(isTerminal, since: started)
                }
                return nil
            }
            defer { group.cancelAll() }
            while let finished = try await group.next() {
                if let value = finished {
                    if isTerminal {
                        show(true, since: started)
                        Console.note("")
                    }
                    return value
                }
            }
            throw CancellationError()
        }
    }

    private func show(_ isTerminal: Bool, since started: ContinuousClock.Instant) {
        let elapsed = Double((ContinuousClock.now - started).components.seconds) + 0.001
        let line = Self.line(progress.snapshot, elapsed: max(elapsed, 0.2), hasBar: isTerminal)
        if isTerminal { Console.note(part: "\r\u{1B}[K" + line) } else { Console.note(line) }
    }

    /// One line: the share that is done, bytes per second, the time that remains, layers and tags.
    static func line(_ state: MigrationProgress.Snapshot, elapsed: TimeInterval, hasBar: Bool) -> String {
        let share = state.bytesToRead == 0 ? 1 : min(1, Double(state.bytesRead) / Double(state.bytesToRead))
        let rate = Double(state.bytesRead) / elapsed
        var parts: [String] = []
        if hasBar {
            let filled = Int(share * 24)
            parts.append("[" + String(repeating: "#", count: filled) + String(repeating: "-", count: 24 - filled) + "]")
        }
        parts.append(String(format: "%3d%%", Int(share * 100)))
        parts.append("\(Quantity.bytes(state.bytesRead)) of \(Quantity.bytes(state.bytesToRead))")
        parts.append("\(Quantity.bytes(Int64(rate)))/s")
        if rate > 0, share < 1 {
            parts.append("\(Quantity.duration(Double(state.bytesToRead - state.bytesRead) / rate)) left")
        }
        parts.append("layers \(state.layersDone)/\(state.layersToDo)")
        parts.append("tags \(state.tagsDone)/\(state.tagsToDo)")
        return parts.joined(separator: "  ")
    }
}
