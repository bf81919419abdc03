import Foundation

/// An upload that pauses until it is told to finish.
final class SlowUpload {
    private let running: RunningProgram
    private let writer: FileHandle

    /// Begins, and waits until the server has sent `100 Continue`.
    init(to server: LongshoreProcess, _ directory: TemporaryDirectory, scheme: String = "http", options: [String] = [])
        async throws
    {
        let url = "\(scheme)://\(server.host)/v2/a/blobs/uploads/"
        let begun = try await Curl.request(url, options + ["-X", "POST"])
        let fifo = directory.path("body")
        _ = try await Program("mkfifo").run([fifo]).succeeded()
        let location = begun.headers["location"] ?? ""
        let expecting = ["--http1.1", "-H", "Expect: 100-continue"]
        running = try RunningProgram(
            Program("curl"),
            options + expecting + ["-sS", "-v", "-w", "%{http_code}", "-T", fifo, "-X", "PATCH", location]
        )
        writer = try FileHandle(forWritingTo: URL(filePath: fifo))
        try writer.write(contentsOf: Data("begun".utf8))
        _ = try await running.waitForOutput { $0.contains("100 Continue") ? true : nil }
    }

    /// Sends the rest.
    func finish() throws {
        try writer.write(contentsOf: Data(" and ended".utf8))
        try writer.close()
    }

    /// The status of the response.
    func status() async throws -> String {
        try await running.waitUntilExit(timeLimit: .seconds(60))
        return try running.text
    }

    func discard() { running.discard() }
}
