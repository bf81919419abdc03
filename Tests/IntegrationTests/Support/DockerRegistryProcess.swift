import Foundation

/// Debian's `docker-registry`, which is registry:2, on a free port.
///
/// - Parameter settings: Additional lines of its configuration.
func withDockerRegistry<Value>(
    serving root: String,
    settings: [String] = [],
    _ body: (_ host: String) async throws -> Value
) async throws -> Value {
    try await withTemporaryDirectory { directory in
        let configuration = """
            version: 0.1
            storage: {filesystem: {rootdirectory: \(root)}, delete: {enabled: true}}
            http: {addr: "127.0.0.1:0"}
            """
        let lines = [configuration] + settings
        let file = try directory.write(Data(lines.joined(separator: "\n").utf8), to: "config.yml")
        let running = try RunningProgram(Program("docker-registry"), ["serve", file])
        defer { running.discard() }
        let port = try await running.waitForOutput { text in
            text.firstMatch(of: /listening on 127\.0\.0\.1:(\d+)/).map { String($0.1) }
        }
        return try await body("127.0.0.1:\(port)")
    }
}
