import Dispatch
import Glibc
import Synchronization

/// Writes lines to a file or a pipe from a thread of its own: a reader that stops reading delays no request.
///
/// Lines that arrive while others are being written share one call. If too many wait, further ones are dropped and
/// counted.
package final class LineWriter: Sendable {
    private struct State {
        var waiting: [UInt8] = []
        var isScheduled = false
        var lostCount = 0
        /// Those that no line has told of yet.
        var unreportedCount = 0
        var descriptor: Int32
    }

    /// The maximum size of waiting lines, in bytes.
    private static let limit = 8 << 20

    /// This process's standard output.
    package static let standardOutput = LineWriter(descriptor: STDOUT_FILENO)
    /// This process's standard error.
    package static let standardError = {
        // A command ends as soon as it is done, wherever that is.
        atexit { LineWriter.flushAll() }
        return LineWriter(descriptor: STDERR_FILENO)
    }()

    private let state: Mutex<State>
    private let queue = DispatchQueue(label: "log")
    /// The file's path; nil for standard output and standard error.
    private let path: String?

    /// - Parameter descriptor: An open file, which stays open.
    init(descriptor: Int32) {
        path = nil
        state = Mutex(State(descriptor: descriptor))
    }

    /// Opens a file to append to. Only its owner and group may read it.
    ///
    /// - Throws: ``UnusableLog``.
    package init(path: String) throws {
        self.path = path
        state = Mutex(State(descriptor: try Self.open(path)))
    }

    /// Queues a line, which ends with a line feed.
    func write(_ line: [UInt8]) {
        let isFirst = state.withLock { state in
            guard state.waiting.count + line.count <= Self.limit else {
                state.lostCount += 1
                state.unreportedCount += 1
                return false
            }
            state.waiting.append(contentsOf: line)
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if isFirst { queue.async { self.writeWaiting() } }
    }

    /// Waits until standard output and standard error are written, at most for a second each.
    package static func flushAll() {
        standardOutput.flush()
        standardError.flush()
    }

    /// The number of lines that were dropped.
    package var lostCount: Int { state.withLock { $0.lostCount } }

    /// The number of lines dropped since it was last asked for.
    func takeUnreported() -> Int {
        state.withLock { state in
            defer { state.unreportedCount = 0 }
            return state.unreportedCount
        }
    }

    /// Waits until what was queued is written, at most for a second.
    package func flush() {
        let isDone = DispatchSemaphore(value: 0)
        queue.async {
            self.writeWaiting()
            isDone.signal()
        }
        _ = isDone.wait(timeout: .now() + 1)
    }

    /// Opens the file again, after another program has renamed it.
    ///
    /// - Throws: ``UnusableLog``; lines then still go to the previous file.
    package func reopen() throws {
        guard let path else { return }
        let descriptor = try Self.open(path)
        // In the queue, no write to the previous file is under way.
        queue.async {
            let previous = self.state.withLock { state in
                defer { state.descriptor = descriptor }
                return state.descriptor
            }
            close(previous)
        }
    }

    private static func open(_ path: String) throws -> Int32 {
        let descriptor = Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw UnusableLog(path: path, reason: String(cString: strerror(errno))) }
        return descriptor
    }

    private func writeWaiting() {
        var isMore = true
        while isMore {
            let (bytes, descriptor) = state.withLock { state in
                let bytes = state.waiting
                state.waiting = []
                state.isScheduled = !bytes.isEmpty
                return (bytes, state.descriptor)
            }
            isMore = !bytes.isEmpty
            if isMore { Self.write(bytes, to: descriptor) }
        }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                sent += count
            } else if errno == EAGAIN {
                // Somebody who shares it has made it nonblocking.
                var status = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&status, 1, 1000)
            } else if errno != EINTR {
                // The log was the last place to report anything.
                return
            }
        }
    }
}

/// A log that cannot be written.
package struct UnusableLog: Error, CustomStringConvertible {
    let path: String
    let reason: String

    package var description: String { "cannot write \(path): \(reason)" }
}

extension PrometheusMetrics {
    /// Counts the log lines that could not be written in time.
    package func reportLostLines(of writers: [LineWriter]) {
        beforeRendering { [self] in
            set("longshore_log_lines_lost_total", Double(writers.reduce(0) { $0 + $1.lostCount }))
        }
    }
}
