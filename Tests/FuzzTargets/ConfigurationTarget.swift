import Settings

extension FuzzTarget {
    /// A configuration file in YAML and, after a line `---env`, environment variables, one per line.
    static let configuration = FuzzTarget("configuration") { input in
        let parts = FuzzInput.text(input).split(separator: "---env\n", maxSplits: 1, omittingEmptySubsequences: false)
        var environment: [String: String] = [:]
        for line in parts.dropFirst().joined().split(separator: "\n") {
            let sides = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if sides.count == 2 { environment[String(sides[0])] = String(sides[1]) }
        }
        let configuration = RegistryConfiguration(file: String(parts[0]), environment: environment)
        try require(
            configuration.isAcceptable == !configuration.findings.contains { $0.weight == .refusal },
            "a refused configuration is not acceptable"
        )
        try require(configuration.settings.catalogueLimit > 0, "a page of the catalogue has a size")
    }
}
