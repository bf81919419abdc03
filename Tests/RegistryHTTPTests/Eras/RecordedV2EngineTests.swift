import Testing

@Suite("A Docker engine over v2")
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

    @Test("pulls and pushes X where only library/X exists, and vice versa", arguments: [false, true])
    func alias(isPlainPushed: Bool) async throws {
        let names = isPlainPushed ? ["multiwh", "library/multiwh"] : ["library/multiwh", "multiwh"]
        try await ConformanceTarget.withDirectory { root in
            try await ConformanceTarget.withOwn(root: root) { port in
                var engine = try RecordedV2Engine(version: "1.9.1", port: port)
                engine.repository = names[0]
                try await engine.run("push")
                engine.repository = names[1]
                for command in ["pull", "pull-digest", "repush", "pull"] { try await engine.run(command) }
                // From now on it is independent.
                let tags = try await RegistryClient(port: port, repository: names[1]).send("GET", "tags/list")
                #expect(try tags.strings("tags") == ["latest"])
            }
        }
    }
}
