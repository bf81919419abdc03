import ArgumentParser
import Foundation

/// Output for the operator: results on standard output, everything else on standard error.
enum Console {
    /// Prints a result.
    static func say(_ line: String) { write(printable(line) + "\n", to: .standardOutput) }

    /// Prints a failure or progress to standard error.
    static func note(_ line: String) { write(printable(line) + "\n", to: .standardError) }

    /// Writes to standard error without ending the line.
    static func note(part: String) { write(part, to: .standardError) }

    /// Whether standard error is a terminal.
    static var isTerminal: Bool { isatty(FileHandle.standardError.fileDescriptor) == 1 }

    /// The size of that terminal in characters; 24 by 80 when it does not report one.
    static var terminalSize: (lines: Int, columns: Int) {
        var size = winsize()
        let isKnown = ioctl(FileHandle.standardError.fileDescriptor, UInt(TIOCGWINSZ), &size) == 0
        return isKnown && size.ws_row > 0 && size.ws_col > 0 ? (Int(size.ws_row), Int(size.ws_col)) : (24, 80)
    }

    /// The line with its control characters escaped: a name from outside must not end the line or move the cursor, nor
    /// reverse the text.
    private static func printable(_ line: String) -> String {
        line.unicodeScalars.map { $0.isPrintable ? String($0) : $0.escaped(asASCII: true) }.joined()
    }

    private static func write(_ text: String, to handle: FileHandle) {
        // Standard error was the last place to report anything.
        do { try handle.write(contentsOf: Data(text.utf8)) } catch {}
    }
}

extension Unicode.Scalar {
    /// Whether a terminal shows it where it stands.
    var isPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}

/// A failure for the operator to fix: one sentence on standard error, and an exit status.
enum OperatorError {
    /// Runs `work`; if it fails, prints the error as a sentence and exits with `status`.
    static func explaining<Value>(status: Int32 = 1, _ work: () async throws -> Value) async throws -> Value {
        do { return try await work() } catch let exit as ExitCode { throw exit } catch { throw explain(error, status) }
    }

    /// Runs `work`; if it fails, prints the error as a sentence and exits with `status`.
    static func explaining<Value>(status: Int32 = 1, _ work: () throws -> Value) throws -> Value {
        do { return try work() } catch let exit as ExitCode { throw exit } catch { throw explain(error, status) }
    }

    private static func explain(_ error: any Error, _ status: Int32) -> ExitCode {
        Console.note("longshore: \(Explanation.of(error))")
        return ExitCode(status)
    }
}

/// The name of this process in a directory's lock, for other processes that want the directory.
enum ProcessDescription {
    /// `longshore serve, process 123 on host NAME since TIME`.
    static func line(_ command: String) -> String {
        let process = ProcessInfo.processInfo
        let time = Date().formatted(.iso8601)
        return "\(command), process \(process.processIdentifier) on host \(process.hostName) since \(time)"
    }
}
