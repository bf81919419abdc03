import Foundation

/// A receiver of notifications that records them.
struct RecorderProcess: Sendable {
    /// A notification as it was received.
    struct Entry: Decodable, Sendable {
        let headers: [String: String]
        let body: String
    }

    let running: RunningProgram
    let port: Int
    private let file: String

    /// - Parameter file: Where it records.
    init(in file: String) async throws {
        self.file = file
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "record.py").path
        running = try RunningProgram(Program("python3"), [script, file])
        port = try await running.waitForOutput { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }

    var url: String { "http://127.0.0.1:\(port)/events" }

    /// What it has received, in order.
    var entries: [Entry] {
        get throws {
            guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return [] }
            // The last line may be incomplete.
            return try text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { line in
                try JSONDecoder().decode(Entry.self, from: Data(line.utf8))
            }
        }
    }

    /// Makes it refuse everything.
    func goDown() throws { try Data().write(to: URL(filePath: file + ".down")) }

    /// Makes it accept everything.
    func comeBack() throws { try FileManager.default.removeItem(atPath: file + ".down") }

    /// Waits until it has received a notification with this text, and returns all.
    func entries(until text: String) async throws -> [Entry] {
        try await running.waitUntil { try entries.contains { $0.body.contains(text) } }
        return try entries
    }
}
