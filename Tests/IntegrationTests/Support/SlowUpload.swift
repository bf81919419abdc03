import Foundation

/// An upload that has begun, and goes on when it is told to.
///
/// The server's directory is `registry` in the test's.
final class SlowUpload {
    private let running: RunningProgram
    private let writer: FileHandle

    /// Begins, and waits until the server has its beginning.
    init(to server: LongshoreProcess, _ directory: TemporaryDirectory, scheme: String = "http", options: [String] = [])
        async throws
    {
        let url = "\(scheme)://\(server.host)/v2/a/blobs/uploads/"
        let begun = try await Curl.request(url, options + ["-X", "POST"])
        let fifo = directory.path("body")
        _ = try await Program("mkfifo").run([fifo]).succeeded()
        let location = begun.headers["location"] ?? ""
        running = try RunningProgram(
            Program("curl"),
            options + ["-sS", "-v", "-w", "%{http_code}", "-T", fifo, "-X", "PATCH", location]
        )
        writer = try FileHandle(forWritingTo: URL(filePath: fifo))
        try writer.write(contentsOf: Data("begun".utf8))
        let uploads = directory.path("registry/docker/registry/v2/repositories/a/_uploads")
        try await server.running.waitUntil {
            let files = try FileManager.default.subpathsOfDirectory(atPath: uploads).filter { $0.hasSuffix("/data") }
            return try files.contains { try Data(contentsOf: URL(filePath: "\(uploads)/\($0)")).count == 5 }
        }
    }

    /// Sends the rest.
    func finish() throws {
        try writer.write(contentsOf: Data(" and ended".utf8))
        try writer.close()
    }

    /// What it was answered in the end.
    func status() async throws -> String {
        try await running.waitUntilExit(timeLimit: .seconds(60))
        return try running.text
    }

    func discard() { running.discard() }
}
