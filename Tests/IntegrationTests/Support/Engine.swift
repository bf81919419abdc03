/// Runs `body` with a client of a Docker engine that has nothing yet, and that keeps what it has below `directory`.
func withEngine(
    _ directory: TemporaryDirectory,
    options: [String] = [],
    _ body: (_ client: ([String]) async throws -> ProgramResult) async throws -> Void
) async throws {
    let socket = "unix://\(directory.path("docker.sock"))"
    let places = [
        "--data-root", directory.path("data"), "--exec-root", directory.path("exec"),
        "--pidfile", directory.path("docker.pid"), "--host", socket,
    ]
    let isolation = ["--storage-driver", "vfs", "--bridge", "none", "--iptables=false", "--ip6tables=false"]
    let daemon = try RunningProgram(
        Program("dockerd"),
        places + isolation + options,
        environment: ["DOCKER_RAMDISK": "true"]
    )
    defer { daemon.discard() }
    _ = try await daemon.waitForOutput { $0.contains("API listen on") ? true : nil }
    let client = try Program("docker")
    // Credentials and lists in the making are kept there.
    let environment = ["DOCKER_CONFIG": directory.path("docker-client")]
    try await body { try await client.run(["--host", socket] + $0, environment: environment) }
    try await daemon.stop()
}
