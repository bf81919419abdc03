import Settings
import Testing

@Suite("The rules about tags in a configuration") struct TagRuleTests {
    @Test("are read from a file, and overridden by variables")
    func values() {
        let file = """
            version: 0.1
            immutable:
              - {repositories: ['release/*', base], tags: 'v*'}
              - {tags: [stable]}
            retention:
              - repositories: [ci/*]
                keep: {last: 10, younger: 720h, tags: [latest, 'v*']}
                untagged: 168h
              - {keep: {last: 3}}
            """
        let variables = ["REGISTRY_RETENTION_1_KEEP_LAST": "4", "REGISTRY_IMMUTABLE_2_REPOSITORIES": "[x]"]
        let configuration = RegistryConfiguration(file: file, environment: variables)
        #expect(configuration.findings == [])
        let settings = configuration.settings
        #expect(settings.immutability.map(\.repositories) == [["release/*", "base"], [], ["x"]])
        #expect(settings.immutability.map(\.tags) == [["v*"], ["stable"], []])
        #expect(settings.retention.map(\.repositories) == [["ci/*"], []])
        #expect(settings.retention.map(\.lastCount) == [10, 4])
        #expect(settings.retention.map(\.youngerAge) == [.seconds(720 * 3600), nil])
        #expect(settings.retention.map(\.tags) == [["latest", "v*"], []])
        #expect(settings.retention.map(\.untaggedAge) == [.seconds(168 * 3600), nil])
    }

    @Test("are absent by default")
    func absent() {
        let configuration = RegistryConfiguration(file: nil, environment: [:])
        #expect(configuration.settings.retention.isEmpty && configuration.settings.immutability.isEmpty)
        let texts = configuration.values.filter { ["immutable", "retention"].contains($0.key) }.map(\.text)
        #expect(texts == ["(no tag is immutable)", "(everything is kept)"])
    }

    @Test(
        "are refused if they would delete or protect more than intended",
        arguments: [
            (
                "retention: [{untagged: 5h}]",
                "retention.0 (line 2 of the file): it would delete every tag: keep is missing"
            ),
            ("retention: [{keep: {}}]", "retention.0 (line 2 of the file): it would delete every tag"),
            ("retention: [{keep: }]", "retention.0 (line 2 of the file): it would delete every tag"),
            ("retention: [{keep: {tags: []}}]", "retention.0 (line 2 of the file): keep: tags is empty"),
            ("retention: [{keep: {last: }}]", "retention.0 (line 2 of the file): keep: last is empty"),
            (
                "retention: [{keep: {last: 0}}]",
                "retention.0.keep.last (line 2 of the file): '0' is not a number from 1"
            ),
            (
                "retention: [{keep: {younger: 30d}}]",
                "retention.0.keep.younger (line 2 of the file): '30d' is not a time"
            ),
            ("retention: [{keep: {younger: 0s}}]", "retention.0 (line 2 of the file): keep.younger is 0"),
            (
                "retention: [{keep: {last: 1}, untagged: soon}]",
                "retention.0.untagged (line 2 of the file): 'soon' is not"
            ),
            (
                "retention: [{keep: {last: 1}, repository: [a]}]",
                "retention.0.repository (line 2 of the file) is not a known key; did you mean retention.0.repositories"
            ),
            (
                "retention: [{keep: {last: 1}, repositories: []}]",
                "retention.0 (line 2 of the file): repositories is empty"
            ),
            ("retention: [last 10]", "retention.0 (line 2 of the file): it is not a rule of keys and values"),
            ("retention: {keep: {last: 1}}", "retention (line 2 of the file): is not a list"),
            ("retentions: []", "retentions (line 2 of the file) is not a known key; did you mean retention"),
            ("immutable: [{}]", "immutable.0 (line 2 of the file): it names neither repositories nor tags"),
            ("immutable: [{tags: []}]", "immutable.0 (line 2 of the file): tags is empty"),
            ("immutable: ['v*']", "immutable.0 (line 2 of the file): it is not a rule of keys and values"),
            ("immutable: [{tag: [a]}]", "immutable.0.tag (line 2 of the file) is not a known key"),
        ]
    )
    func refusals(line: String, beginning: String) {
        let configuration = RegistryConfiguration(file: "version: 0.1\n\(line)\n", environment: [:])
        #expect(!configuration.isAcceptable)
        #expect(
            configuration.findings.contains { $0.weight == .refusal && $0.description.hasPrefix(beginning) },
            "\(configuration.findings)"
        )
    }
}
