import ArgumentParser
import Foundation

/// What is said to the operator: results on standard output, all else on standard error.
enum Console {
    /// Says a result.
    static func say(_ line: String) { write(printable(line) + "\n", to: .standardOutput) }

    /// Says what went wrong, or how far something is.
    static func note(_ line: String) { write(printable(line) + "\n", to: .standardError) }

    /// Writes to standard error without ending the line.
    static func note(part: String) { write(part, to: .standardError) }

    /// Whether standard error is a terminal that a person looks at.
    static var isTerminal: Bool { isatty(FileHandle.standardError.fileDescriptor) == 1 }

    /// How large that terminal is, in characters; as large as a terminal was of old when it does not say.
    static var terminalSize: (lines: Int, columns: Int) {
        var size = winsize()
        let isKnown = ioctl(FileHandle.standardError.fileDescriptor, UInt(TIOCGWINSZ), &size) == 0
        return isKnown && size.ws_row > 0 && size.ws_col > 0 ? (Int(size.ws_row), Int(size.ws_col)) : (24, 80)
    }

    /// A line in which names that came from outside cannot end the line or move the cursor.
    private static func printable(_ line: String) -> String {
        line.unicodeScalars.map { $0.properties.generalCategory == .control ? $0.escaped(asASCII: true) : String($0) }
            .joined()
    }

    private static func write(_ text: String, to handle: FileHandle) {
        // There is nobody to tell when even this cannot be written.
        do { try handle.write(contentsOf: Data(text.utf8)) } catch {}
    }
}

/// A failure that the operator must mend: one sentence on standard error, and an exit status.
enum OperatorError {
    /// Ends the program with `status` and the error as a sentence when `work` fails.
    static func explaining<Value>(status: Int32 = 1, _ work: () async throws -> Value) async throws -> Value {
        do { return try await work() } catch let exit as ExitCode { throw exit } catch { throw explain(error, status) }
    }

    /// Ends the program with `status` and the error as a sentence when `work` fails.
    static func explaining<Value>(status: Int32 = 1, _ work: () throws -> Value) throws -> Value {
        do { return try work() } catch let exit as ExitCode { throw exit } catch { throw explain(error, status) }
    }

    private static func explain(_ error: any Error, _ status: Int32) -> ExitCode {
        Console.note("longshore: \(Explanation.of(error))")
        return ExitCode(status)
    }
}

/// How this process is named to others that want the same directory.
enum ProcessDescription {
    /// `longshore serve, process 123 on host NAME since TIME`.
    static func line(_ command: String) -> String {
        let process = ProcessInfo.processInfo
        let time = Date().formatted(.iso8601)
        return "\(command), process \(process.processIdentifier) on host \(process.hostName) since \(time)"
    }
}
