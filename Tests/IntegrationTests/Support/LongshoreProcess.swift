import Foundation

/// `longshore serve` on a free port of this machine.
struct LongshoreProcess: Sendable {
    let running: RunningProgram
    let port: Int

    /// Starts it on `root` and waits until it listens.
    init(serving root: String, options: [String] = [], asNobody: Bool = false) async throws {
        var program = Program.longshore
        var arguments = ["serve", "--root", root, "--address", "127.0.0.1:0"] + options
        if asNobody { (program, arguments) = try Program.asNobody(program, arguments) }
        running = try RunningProgram(program, arguments)
        port = try await running.waitForOutput { text in
            text.split(separator: "\n").first { $0.hasPrefix("longshore serves ") }
                .flatMap { $0.split(separator: ":").last }.flatMap { Int($0) }
        }
    }

    /// The address as clients put it before a repository's name.
    var host: String { "127.0.0.1:\(port)" }

    func url(_ path: String) -> String { "http://\(host)\(path)" }

    /// How many lines of its log hold `text`.
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

/// Runs `longshore migrate` to its end.
func migrate(_ source: String, _ destination: String, _ options: [String] = [], asNobody: Bool = false) async throws
    -> ProgramResult
{
    var program = Program.longshore
    var arguments = ["migrate"] + options + [source, destination]
    if asNobody { (program, arguments) = try Program.asNobody(program, arguments) }
    return try await program.run(arguments)
}
