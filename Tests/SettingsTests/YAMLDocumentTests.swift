import Settings
import Testing

@Suite("YAML that expands to more than it shows") struct YAMLDocumentTests {
    /// Nine aliases in each of nine lists: 387,420,489 values.
    private static func bomb(_ item: (_ alias: String) -> String, leaf: String) -> String {
        let levels = (1...9).map { level in
            let items = Array(repeating: item("*a\(level - 1)"), count: 9).joined(separator: ", ")
            return "a\(level): &a\(level) [\(items)]"
        }
        return (["version: 0.1", "a0: &a0 \(leaf)"] + levels).joined(separator: "\n")
    }

    private static func mergeBomb() -> String {
        let levels = (1...30).map { "a\($0): &a\($0) {<<: [*a\($0 - 1), *a\($0 - 1), *a\($0 - 1)]}" }
        return (["version: 0.1", "a0: &a0 {}"] + levels).joined(separator: "\n")
    }

    private static func keyBomb(_ last: String) -> String {
        let levels = (1...30).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1), *a\($0 - 1)]" }
        return (["version: 0.1", "a0: &a0 x"] + levels + [last]).joined(separator: "\n")
    }

    @Test(
        "is refused at once, with the reason",
        arguments: [
            (bomb({ $0 }, leaf: "x"), "it expands to more than 100000 values"),
            (bomb({ "{k: \($0)}" }, leaf: "[]"), "it expands to more than 100000 values"),
            (mergeBomb(), "it expands to more than 100000 values"),
            (keyBomb("? *a30\n: x"), "it has many aliases, and lists, mappings or aliases as keys"),
            (keyBomb("*a30 : x"), "it has many aliases, and lists, mappings or aliases as keys"),
            (keyBomb("x: {[*a30]: y}"), "it has many aliases, and lists, mappings or aliases as keys"),
            (keyBomb("x: {{a: *a30}:y}"), "it has many aliases, and lists, mappings or aliases as keys"),
            ("version: 0.1\nx: " + String(repeating: "[", count: 200) + String(repeating: "]", count: 200), "100 deep"),
        ]
    )
    func refused(text: String, reason: String) {
        for configuration in [
            RegistryConfiguration(file: text, environment: [:]),
            RegistryConfiguration(file: nil, environment: ["REGISTRY_HTTP": text]),
        ] {
            #expect(configuration.findings.contains { $0.description.contains(reason) }, "\(configuration.findings)")
            #expect(!configuration.isAcceptable)
        }
    }

    @Test("does not prevent aliases and merged mappings in real configurations")
    func accepted() {
        let text = """
            version: 0.1
            x-one: &one {rootdirectory: /data}
            x-two: &two {<<: *one, maxthreads: 100}
            storage: {filesystem: {<<: [*two, *one]}}
            access: &list
              - anonymous pull a/*
              - ci push "*/b"
            x-all: [*one, *one, *one, *one, *one, *one, *one, *one, *one, *one]
            http: {addr: "[::1]:5000"}
            """
        let configuration = RegistryConfiguration(file: text, environment: [:])
        #expect(configuration.settings.storage.root == "/data")
        #expect(configuration.settings.http.address == "[::1]:5000")
    }

    @Test("and a variable's name may have any number of parts")
    func parts() {
        let name = "REGISTRY_STORAGE" + String(repeating: "_A", count: 50_000)
        let configuration = RegistryConfiguration(file: nil, environment: [name: "x"])
        #expect(configuration.findings.contains { $0.description.contains("parts") })
    }
}
