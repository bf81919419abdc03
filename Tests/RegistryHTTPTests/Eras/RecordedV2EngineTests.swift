import Testing

@Suite("A Docker engine that speaks v2")
struct RecordedV2EngineTests {
    @Test("pushes and pulls as it did with registry:2", arguments: ["1.9.1", "1.12.6"])
    func replays(version: String) async throws {
        try await ConformanceTarget.withDirectory { root in
            try await ConformanceTarget.withOwn(root: root) { port in
                var engine = try RecordedV2Engine(version: version, port: port)
                for command in ["push", "pull", "repush", "pull-digest"] { try await engine.run(command) }
            }
        }
    }
}
