import Foundation

/// An empty Docker engine and its client.
struct Engine {
    private let client: Program
    private let socket: String
    /// The directory for the client's credentials and unfinished manifest lists.
    private let clientDirectory: String

    /// Runs an engine while `body` runs.
    ///
    /// - Parameter configuration: The engine's `daemon.json`.
    static func run(
        in directory: TemporaryDirectory,
        configuration: String = "{}",
        _ body: (Engine) async throws -> Void
    ) async throws {
        let socket = "unix://\(directory.path("docker.sock"))"
        let places = [
            "--data-root", directory.path("data"), "--exec-root", directory.path("exec"),
            "--pidfile", directory.path("docker.pid"), "--host", socket,
            "--config-file", try directory.write(Data(configuration.utf8), to: "daemon.json"),
        ]
        let isolation = ["--storage-driver", "vfs", "--bridge", "none", "--iptables=false", "--ip6tables=false"]
        let daemon = try RunningProgram(
            Program("dockerd"),
            places + isolation,
            environment: ["DOCKER_RAMDISK": "true"]
        )
        defer { daemon.discard() }
        _ = try await daemon.waitForOutput { $0.contains("API listen on") ? true : nil }
        try await body(
            Engine(client: Program("docker"), socket: socket, clientDirectory: directory.path("docker-client"))
        )
        try await daemon.stop()
    }

    /// Runs a client command to its end.
    func callAsFunction(_ arguments: [String], environment: [String: String] = [:]) async throws -> ProgramResult {
        let environment = ["DOCKER_CONFIG": clientDirectory].merging(environment) { $1 }
        return try await client.run(["--host", socket] + arguments, environment: environment)
    }
}
