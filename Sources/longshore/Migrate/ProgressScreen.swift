import Migration
import Synchronization

/// Lines at the bottom of a terminal that are drawn over themselves.
final class ProgressScreen: Sendable {
    private let lineCount = Mutex(0)

    /// Draws a line a job and one for all, in the place of those that were drawn before.
    ///
    /// A line that has no room, in height or width, could not be drawn over: it is left out, or shortened.
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
