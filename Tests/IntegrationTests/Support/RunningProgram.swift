import Foundation

/// A program that runs in the background of a test. Its output goes to files, so that no pipe can fill up.
final class RunningProgram: Sendable {
    private let process: ChildProcess
    private let directory: TemporaryDirectory
    private let program: Program
    private let arguments: [String]

    init(_ program: Program, _ arguments: [String], environment: [String: String] = [:]) throws {
        self.program = program
        self.arguments = arguments
        directory = try TemporaryDirectory()
        process = try ChildProcess(
            program.path,
            arguments,
            environment: ProcessInfo.processInfo.environment.merging(environment) { $1 },
            output: try directory.write(Data(), to: "output"),
            errors: try directory.write(Data(), to: "errors")
        )
    }

    var processID: Int32 { process.processID }

    /// Its standard output so far.
    var text: String { get throws { String(decoding: try bytes("output"), as: UTF8.self) } }

    /// Its standard error so far.
    var errorText: String { get throws { String(decoding: try bytes("errors"), as: UTF8.self) } }

    /// Its result, once it has ended.
    var result: ProgramResult {
        get throws {
            ProgramResult(
                command: ([program.path] + arguments).joined(separator: " "),
                status: process.status ?? -1,
                output: try bytes("output"),
                errorOutput: try bytes("errors")
            )
        }
    }

    /// Its peak memory in bytes.
    var peakMemory: Int {
        get throws {
            let status = try String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)
            let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
            return (line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? .max / 1024) * 1024
        }
    }

    /// Asks it to end, and waits until it has.
    func stop() async throws {
        process.send(SIGTERM)
        try await waitUntilExit(timeLimit: .seconds(30))
    }

    /// Sends it a signal.
    func send(_ signal: Int32) { process.send(signal) }

    /// Kills it like a crash.
    func kill() async throws {
        process.send(SIGKILL)
        try await waitUntilExit(timeLimit: .seconds(30))
    }

    func waitUntilExit(timeLimit: Duration) async throws {
        do {
            try await wait(timeLimit) { process.status != nil }
        } catch {
            process.send(SIGKILL)
            throw error
        }
    }

    /// Waits until `match` finds something in its output, and returns that.
    func waitForOutput<Value>(_ match: (String) -> Value?) async throws -> Value {
        var found: Value?
        try await wait(.seconds(60)) {
            found = try match(text) ?? match(errorText)
            return found != nil || process.status != nil
        }
        guard let found else {
            throw ProgramFailure(status: process.status ?? -1, text: try text, errorText: try errorText)
        }
        return found
    }

    /// Waits until the program has caused something.
    func waitUntil(timeLimit: Duration = .seconds(60), _ condition: () throws -> Bool) async throws {
        try await wait(timeLimit) { try condition() || process.status != nil }
    }

    /// Ends it if it still runs, and deletes its output.
    func discard() {
        process.send(SIGKILL)
        directory.remove()
    }

    private func wait(_ limit: Duration, until condition: () throws -> Bool) async throws {
        let deadline = ContinuousClock.now + limit
        while try !condition() {
            guard ContinuousClock.now < deadline else {
                throw ProgramTimeout(path: program.path, errorText: try errorText)
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: directory.path(name))) }
}
