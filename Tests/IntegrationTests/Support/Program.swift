import Foundation

/// An installed program, or one built along with the tests.
struct Program: Sendable {
    let path: String

    /// - Throws: ``AbsentProgram`` when the search path has no such program.
    init(_ name: String) throws {
        guard let path = Self.find(name) else { throw AbsentProgram(name: name) }
        self.path = path
    }

    private init(path: String) { self.path = path }

    /// The program under test: named by `LONGSHORE_BINARY`, or built by SwiftPM next to the tests.
    static let longshore = Program(
        path: ProcessInfo.processInfo.environment["LONGSHORE_BINARY"]
            ?? URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: "longshore").path
    )

    static func isInstalled(_ name: String) -> Bool { find(name) != nil }

    /// Wraps a program to run it as a user who owns nothing.
    static func asNobody(_ program: Program, _ arguments: [String]) throws -> (Program, [String]) {
        (try Program("setpriv"), ["--reuid=65534", "--regid=65534", "--clear-groups", program.path] + arguments)
    }

    /// Runs it to its end.
    ///
    /// - Throws: ``ProgramTimeout`` when it has not ended in time; it is then killed.
    func run(
        _ arguments: [String],
        environment: [String: String] = [:],
        timeLimit: Duration = .seconds(120)
    ) async throws -> ProgramResult {
        let running = try RunningProgram(self, arguments, environment: environment)
        defer { running.discard() }
        try await running.waitUntilExit(timeLimit: timeLimit)
        return try running.result
    }

    private static func find(_ name: String) -> String? {
        let searchPath = (ProcessInfo.processInfo.environment["PATH"] ?? "") + ":/usr/sbin:/sbin"
        return searchPath.split(separator: ":").map { "\($0)/\(name)" }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }
}

/// The output and status of a program.
struct ProgramResult: Sendable {
    let command: String
    let status: Int32
    let output: Data
    let errorOutput: Data

    var text: String { String(decoding: output, as: UTF8.self) }
    var errorText: String { String(decoding: errorOutput, as: UTF8.self) }

    /// The result itself, if the program succeeded.
    func succeeded() throws -> ProgramResult {
        guard status == 0 else {
            throw ProgramFailure(status: status, text: "\(command)\n\(text)", errorText: errorText)
        }
        return self
    }
}

/// A program needed by a test is not installed.
struct AbsentProgram: Error, CustomStringConvertible {
    let name: String
    var description: String { "\(name) is not installed" }
}

/// A program failed unexpectedly.
struct ProgramFailure: Error, CustomStringConvertible {
    let status: Int32
    let text: String
    let errorText: String
    var description: String { "exit status \(status)\n\(text)\n\(errorText)" }
}

/// A program did not end, or did not print the expected output, in time.
struct ProgramTimeout: Error, CustomStringConvertible {
    let path: String
    let errorText: String
    var description: String { "\(path) took too long\n\(errorText)" }
}
