import Testing

@testable import Settings

@Suite("Values of a configuration") struct ValueTests {
    @Test(
        "durations are parsed like in Go",
        arguments: [
            ("0", Duration.zero), ("90s", .seconds(90)), ("1h30m", .seconds(5400)), ("1.5s", .milliseconds(1500)),
            ("100ms", .milliseconds(100)), ("168h", .seconds(604_800)), ("2m0.5s", .milliseconds(120_500)),
            ("10us", .microseconds(10)), ("", nil), ("5", nil), ("s", nil), ("5x", nil), ("-5s", nil), ("1h 5m", nil),
            (".", nil), ("9999999999h", nil), ("5d", nil), ("١s", nil),
        ] as [(String, Duration?)]
    )
    func durations(text: String, expected: Duration?) { #expect(GoDuration(parsing: text)?.duration == expected) }

    @Test(
        "the distance of two words is the number of edits between them",
        arguments: [
            ("addr", "addr", 0), ("adrr", "addr", 1), ("adress", "address", 1), ("hots", "host", 1), ("", "tls", 3),
            ("realm", "path", 4),
        ]
    )
    func spelling(first: String, second: String, distance: Int) {
        #expect(Spelling.distance(first, second) == distance)
        #expect(Spelling.distance(second, first) == distance)
    }

    @Test("no two keys have the same name, in a file or in variables")
    func uniqueKeys() {
        #expect(Set(KeyPaths.all).count == KeyPaths.all.count)
        #expect(Set(KeyPaths.variables).count == KeyPaths.variables.count)
    }

    @Test("every default is valid for its key")
    func presets() {
        let configuration = RegistryConfiguration(file: "version: 0.1\n", environment: [:])
        for value in configuration.values where value.origin == .preset {
            guard case .text(let text)? = value.content?.content else { continue }
            var root = ConfigurationEntry(.nothing, .preset)
            root.set(
                value.key.split(separator: ".").map(String.init)[...],
                .init(.text(text), .preset),
                replacing: true
            )
            #expect(KeyCheck(root).findings == [], "\(value.key)")
        }
    }
}
