import Synchronization

/// Lines at the bottom of a terminal that are drawn over themselves.
final class ProgressScreen: Sendable {
    private let lineCount = Mutex(0)

    /// Draws the lines in the place of those that were drawn before.
    func draw(_ lines: [String]) {
        lineCount.withLock { count in
            let up = count > 0 ? "\u{1B}[\(count)A" : ""
            Console.note(part: up + "\r\u{1B}[J" + lines.map { $0 + "\n" }.joined())
            count = lines.count
        }
    }
}
