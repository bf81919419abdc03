import Foundation

/// Debian's nginx in front of a server, with the configuration from the README.
enum Nginx {
    /// The README's sample.
    static var sample: String {
        get throws {
            guard let sample = try ShownDocument.readme.blocks("nginx").first else {
                throw AbsentProgram(name: "sample")
            }
            return sample
        }
    }

    /// Runs nginx while `body` runs.
    ///
    /// - Parameters:
    ///   - sites: The content of its `http` block.
    ///   - port: The port that it listens on.
    static func run<Value>(
        _ sites: String,
        port: Int,
        in directory: TemporaryDirectory,
        _ body: () async throws -> Value
    ) async throws -> Value {
        let place = try directory.makeDirectory("nginx")
        let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(place)/\($0);" }
        let text = """
            daemon off;
            user root;
            pid \(place)/pid;
            error_log \(place)/error.log;
            events { worker_connections 64; }
            http {
                access_log \(place)/access.log;
                \(paths.joined(separator: "\n"))
                \(sites)
            }
            """
        let file = try directory.write(Data(text.utf8), to: "nginx/nginx.conf")
        let nginx = try RunningProgram(Program("nginx"), ["-c", file, "-e", "\(place)/error.log"])
        defer { nginx.discard() }
        try await nginx.waitUntil { Loopback.accepts(port: port) }
        let value = try await body()
        try await nginx.stop()
        return value
    }
}
