import Foundation

/// An upload that has begun, and goes on when it is told to.
final class SlowUpload {
    private let running: RunningProgram
    private let writer: FileHandle

    /// Begins, and waits until the server has told it to go on.
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

    /// What it was answered in the end.
    func status() async throws -> String {
        try await running.waitUntilExit(timeLimit: .seconds(60))
        return try running.text
    }

    func discard() { running.discard() }
}
