import Foundation
import Testing

/// The attackers of a server: programs, and connections that do nothing more.
///
/// The programs stand for other machines: they take only the processor time that the server leaves, and end with this
/// process.
final class AttackClients {
    private var programs: [RunningProgram] = []
    private var connections: [RawConnection] = []

    deinit { for program in programs { program.discard() } }

    /// Adds a client that repeats a shell command; `$i` is the number of the round.
    func loop(_ line: String) throws {
        let text = "i=$$; while kill -0 $PPID; do i=$((i+1)); \(line); done"
        programs.append(try RunningProgram(try Program("nice"), ["-n", "19", "sh", "-c", text]))
    }

    /// Adds a client that sends one request with curl.
    func request(_ arguments: [String]) throws {
        let curl = ["-n", "19", "curl", "-s", "-o", "/dev/null"]
        programs.append(try RunningProgram(try Program("nice"), curl + arguments))
    }

    /// Adds a client that sends some bytes, and then neither sends nor reads anything.
    func stall(_ bytes: [UInt8], at server: LongshoreProcess) throws {
        let connection = try #require(RawConnection(port: server.port))
        _ = connection.sendAll(bytes)
        connections.append(connection)
    }
}

/// A client in a separate process that repeatedly requests `/v2/`.
private struct Probe {
    private let program: RunningProgram

    init(_ server: LongshoreProcess) throws {
        let curl = "curl -s -o /dev/null -m 10 -w '%{http_code} %{time_total}\\n' \(server.url("/v2/"))"
        program = try RunningProgram(try Program("sh"), ["-c", "while kill -0 $PPID; do \(curl); sleep 0.02; done"])
    }

    /// Ends it, and returns the status and duration in seconds of each response.
    func end() throws -> [(status: String, seconds: Double)] {
        defer { program.discard() }
        return try program.text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 2, let seconds = Double(words[1]) else { return nil }
            return (String(words[0]), seconds)
        }
    }
}

/// Runs a server under attack, and expects it to serve everyone else, limit its memory, and shut down in time.
///
/// - Parameter begin: Prepares the server and begins the attack, which lasts some seconds.
func expectServiceBeside(
    _ attack: String,
    _ begin: (LongshoreProcess, TemporaryDirectory) async throws -> AttackClients
) async throws {
    // A debug build on a busy machine is slow, but a blocked thread stays blocked for minutes.
    let isMeasured = Requirement.isFull && ProcessInfo.processInfo.environment["LONGSHORE_BINARY"] != nil
    try await withTemporaryDirectory { directory in
        let configuration = """
            version: 0.1
            storage: {filesystem: {rootdirectory: \(directory.path("registry"))}}
            http: {draintimeout: 2s}
            layers: {maxsize: \(Requirement.isFull ? 256 : 1)}
            """
        let server = try await LongshoreProcess(configuration: configuration, in: directory.path("config.yml"))
        defer { server.running.discard() }
        let clients = try await begin(server, directory)
        defer { withExtendedLifetime(clients) {} }
        let probe = try Probe(server)
        try await Task.sleep(for: .seconds(Requirement.isFull ? 10 : 3))
        let answers = try probe.end()
        let slowest = answers.map(\.seconds).max() ?? 0
        let peak = try server.running.peakMemory
        #expect(answers.count > 3, "\(attack)")
        #expect(answers.allSatisfy { $0.status == "200" }, "\(attack)")
        #expect(slowest < (isMeasured ? 0.1 : 5), "\(attack): \(slowest) s")
        #expect(peak < 300 << 20, "\(attack): \(peak) bytes")
        let end = ContinuousClock.now
        server.running.send(SIGTERM)
        try await server.running.waitUntilExit(timeLimit: .seconds(20))
        let elapsed = end.duration(to: .now)
        #expect(elapsed < .seconds(isMeasured ? 3 : 6), "\(attack): \(elapsed)")
    }
}
