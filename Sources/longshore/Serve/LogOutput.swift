import Foundation
import Logging
import Settings
import Synchronization

/// The destination and level of log lines: standard error, as text or as JSON objects.
final class LogOutput: Sendable {
    private let isJSON: Bool
    /// The fields added to every line.
    private let fields: Logger.Metadata
    private let currentLevel: Mutex<Logger.Level>

    init(_ settings: RegistrySettings) {
        isJSON = settings.log.isJSON
        fields = settings.log.fields.mapValues { .string($0) }
        currentLevel = Mutex(settings.logLevel)
    }

    /// The lowest level that any logger writes.
    var level: Logger.Level {
        get { currentLevel.withLock { $0 } }
        set { currentLevel.withLock { $0 = newValue } }
    }

    /// A logger that writes to this output.
    func logger() -> Logger {
        Logger(label: "longshore") { label in
            var stream = StreamLogHandler.standardError(label: label)
            stream.logLevel = .trace
            stream.metadata = self.fields
            return Handler(output: self, stream: stream)
        }
    }

    private struct Handler: LogHandler {
        let output: LogOutput
        var stream: StreamLogHandler
        /// The level of this logger, if it logs less than the others.
        var ownLevel: Logger.Level?

        var logLevel: Logger.Level {
            get { max(ownLevel ?? output.level, output.level) }
            set { ownLevel = newValue }
        }

        var metadata: Logger.Metadata {
            get { stream.metadata }
            set { stream.metadata = newValue }
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { stream[metadataKey: key] }
            set { stream[metadataKey: key] = newValue }
        }

        func log(event: LogEvent) {
            guard output.isJSON else { return stream.log(event: event) }
            var line = metadata.merging(event.metadata ?? [:]) { $1 }.mapValues { "\($0)" }
            line["level"] = event.level.rawValue
            line["msg"] = "\(event.message)"
            line["time"] = Date().formatted(.iso8601)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            do {
                try FileHandle.standardError.write(contentsOf: try encoder.encode(line) + Data("\n".utf8))
            } catch {
                // Standard error was the last place to report anything.
            }
        }
    }
}
