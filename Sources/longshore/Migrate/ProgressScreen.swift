import Synchronization

/// Lines at the bottom of a terminal that are drawn over themselves.
final class ProgressScreen: Sendable {
    private let lineCount = Mutex(0)

    /// Draws a line a job and one for all, in the place of those that were drawn before.
    ///
    /// A line that has no room, in height or width, could not be drawn over: it is left out, or cut.
    func draw(jobs: [String], total: String) {
        let size = Console.terminalSize
        let room = max(0, size.lines - 3)
        let more = jobs.count > room ? ["  and \(jobs.count - room) more"] : []
        let lines = (jobs.prefix(room) + more + [total]).map { $0.prefix(size.columns - 1) }
        lineCount.withLock { count in
            let up = count > 0 ? "\u{1B}[\(count)A" : ""
            Console.note(part: up + "\r\u{1B}[J" + lines.map { $0 + "\n" }.joined())
            count = lines.count
        }
    }
}
