import Testing

@Suite("A Docker engine over v1")
struct RecordedEngineTests {
    private static let all = [
        "push", "repush", "push-library", "pull", "pull-all", "pull-notag", "pull-norepo", "login", "search",
    ]
    static let commands: [(String, [String])] = [
        ("1.0.1", ["push", "pull"]),
        ("1.5.0", all),
        ("1.9.1", all),
        ("1.12.6", all),
    ]

    @Test("pushes, pulls, logs in and searches as it did with docker-registry 0.9.1", arguments: commands)
    func replays(version: String, commands: [String]) async throws {
        let tree = try ScratchTree()
        try await withRegistry(over: tree.open()) { port, _ in
            var engine = RecordedEngine(version: version, port: port)
            for command in commands {
                if command == "repush" { try await engine.pushWhatIsMissing(for: "pull-all") }
                if command == "push-library" { try await engine.pushWhatIsMissing(for: command) }
                try await engine.run(command)
            }
        }
    }
}
