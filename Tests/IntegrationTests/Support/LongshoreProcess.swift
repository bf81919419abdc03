import Foundation

/// `longshore serve` on a free port.
struct LongshoreProcess: Sendable {
    let running: RunningProgram
    let port: Int

    /// Starts it on `root` and waits until it listens.
    init(serving root: String, options: [String] = [], asNobody: Bool = false) async throws {
        var program = Program.longshore
        var arguments = ["serve", "--root", root, "--address", "127.0.0.1:0"] + options
        if asNobody { (program, arguments) = try Program.asNobody(program, arguments) }
        try await self.init(program, arguments)
    }

    /// Starts it with a configuration on a free port, and waits until it listens.
    ///
    /// - Parameter file: The file to write the configuration to.
    init(configuration: String, in file: String, environment: [String: String] = [:]) async throws {
        try configuration.write(toFile: file, atomically: true, encoding: .utf8)
        let arguments = ["serve", file, "--address", "127.0.0.1:0"]
        try await self.init(Program.longshore, arguments, environment: environment)
    }

    /// Starts a program that eventually becomes a server, and waits until it listens.
    init(_ program: Program, _ arguments: [String], environment: [String: String] = [:]) async throws {
        running = try RunningProgram(program, arguments, environment: environment)
        port = try await running.waitForOutput { text in
            text.split(separator: "\n").first { $0.contains("longshore serves ") }.map { line in
                // The message is quoted, and ends with the address.
                let words = line.split { $0 == "\"" }.filter { $0.contains("longshore serves ") }
                return words.first?.split(separator: ":").last.flatMap { Int($0) } ?? 0
            }
        }
    }

    /// The address as used before a repository's name.
    var host: String { "127.0.0.1:\(port)" }

    func url(_ path: String) -> String { "http://\(host)\(path)" }

    /// The number of log lines that contain `text`.
    func logCount(_ text: String) throws -> Int {
        try running.errorText.split(separator: "\n").count { $0.contains(text) }
    }
}

/// Runs `body` while the program serves `root`.
func withLongshore<Value>(
    serving root: String,
    options: [String] = [],
    asNobody: Bool = false,
    _ body: (LongshoreProcess) async throws -> Value
) async throws -> Value {
    let server = try await LongshoreProcess(serving: root, options: options, asNobody: asNobody)
    defer { server.running.discard() }
    let value = try await body(server)
    try await server.running.stop()
    return value
}

/// Runs `body` while the program serves with a configuration.
func withLongshore<Value>(
    configuration: String,
    in file: String,
    environment: [String: String] = [:],
    _ body: (LongshoreProcess) async throws -> Value
) async throws -> Value {
    let server = try await LongshoreProcess(configuration: configuration, in: file, environment: environment)
    defer { server.running.discard() }
    let value = try await body(server)
    try await server.running.stop()
    return value
}

/// Runs `longshore migrate` to its end.
func migrate(_ source: String, _ destination: String, _ options: [String] = [], asNobody: Bool = false) async throws
    -> ProgramResult
{
    var program = Program.longshore
    var arguments = ["migrate"] + options + [source, destination]
    if asNobody { (program, arguments) = try Program.asNobody(program, arguments) }
    return try await program.run(arguments)
}
