package import Logging
import RegistryCore
import RegistryHTTP
import Synchronization

/// The log of this process: its format, its level, and where it goes.
package final class LogOutput: Sendable {
    private let format: LogFormat
    /// The operator's own fields.
    private let fields: [LogLine.Field]
    private let writer: LineWriter
    private let currentLevel: Mutex<Logger.Level>

    /// - Parameters:
    ///   - fields: Fields to add to every line.
    ///   - level: The lowest level to write.
    package init(_ format: LogFormat, fields: [String: String], level: Logger.Level, to writer: LineWriter) {
        self.format = format
        self.fields = fields.sorted { $0.key < $1.key }.map { LogLine.Field($0.key, $0.value) }
        self.writer = writer
        currentLevel = Mutex(level)
    }

    private init(like other: LogOutput, to writer: LineWriter) {
        format = other.format
        fields = other.fields
        self.writer = writer
        currentLevel = Mutex(other.level)
    }

    /// The same format and fields, written elsewhere.
    package func redirected(to writer: LineWriter) -> LogOutput { LogOutput(like: self, to: writer) }

    /// The lowest level that any logger writes.
    package var level: Logger.Level {
        get { currentLevel.withLock { $0 } }
        set { currentLevel.withLock { $0 = newValue } }
    }

    /// A logger that writes to this output.
    package func logger() -> Logger { Logger(label: "longshore") { _ in Handler(output: self) } }

    /// Writes a line, whatever the level.
    package func write(_ line: LogLine) {
        let lost = writer.takeUnreported()
        if lost > 0 {
            let fields = [LogLine.Field("count", .integer(Int64(lost)))]
            let line = LogLine(at: WallClock.now, .warning, "log lines were lost: the log is not read", fields)
            writer.write(format.bytes(of: line, adding: self.fields))
        }
        writer.write(format.bytes(of: line, adding: fields))
    }

    /// Waits until all lines are written, at most for a second.
    package func flush() { writer.flush() }

    private struct Handler: LogHandler {
        let output: LogOutput
        /// The level of this logger, if it logs less than the others.
        var ownLevel: Logger.Level?
        var metadata: Logger.Metadata = [:]

        init(output: LogOutput) { self.output = output }

        var logLevel: Logger.Level {
            get { max(ownLevel ?? output.level, output.level) }
            set { ownLevel = newValue }
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        /// The names whose values are numbers, in JSON too.
        private static let numbers: Set<String> = [
            "blobs", "bytes", "count", "damaged", "deleted", "files", "kept", "layers", "live", "manifests", "pid",
            "port", "uid", "uploads",
        ]

        private static func value(_ name: String, _ text: String) -> LogLine.Value {
            guard numbers.contains(name), let number = Int64(text) else { return .text(text) }
            return .integer(number)
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            var fields = all.sorted { $0.key < $1.key }.map { LogLine.Field($0.key, Self.value($0.key, "\($0.value)")) }
            if let context = RequestContext.current { fields.append(.requestID(context.id)) }
            output.write(LogLine(at: WallClock.now, event.level, "\(event.message)", fields))
        }
    }
}
