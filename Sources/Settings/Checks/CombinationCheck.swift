/// Holds the values of a configuration against each other.
struct CombinationCheck {
    /// What was found.
    private(set) var findings: [Finding] = []

    init(_ root: ConfigurationEntry, _ settings: RegistrySettings) {
        checkAuthentication(root, settings)
        checkEncryption(root)
        if !settings.http.isUnixSocket, settings.http.address.hasPrefix("/") {
            findings.append(.refusal("http.addr is the path of a socket, for which http.net must be unix"))
        }
        if let host = settings.http.host, !host.hasPrefix("http://"), !host.hasPrefix("https://") {
            findings.append(.refusal("http.host is '\(host)', not an address with its scheme, such as https://\(host)"))
        }
    }

    private mutating func checkAuthentication(_ root: ConfigurationEntry, _ settings: RegistrySettings) {
        var kinds = root["auth"]
        kinds?.nameKind()
        let names = kinds?.members.map(\.key) ?? []
        if names.count > 1 {
            findings.append(.refusal("auth has several kinds, of which one can hold: \(names.joined(separator: ", "))"))
        }
        if names.contains("htpasswd") {
            require(root, "auth.htpasswd", ["realm", "path"])
        }
        if names.contains("token") {
            require(root, "auth.token", ["realm", "service", "issuer"])
            if case .token(let token)? = settings.authentication, token.rootCertificateBundle == nil,
                token.keySet == nil
            {
                findings.append(.refusal("auth.token has neither rootcertbundle nor jwks: no token could be verified"))
            }
        }
    }

    private mutating func checkEncryption(_ root: ConfigurationEntry) {
        guard let tls = root[["http", "tls"]] else { return }
        let given = ["certificate", "key"].filter { tls[$0]?.isEmpty == false }
        if given.count == 1 {
            findings.append(.refusal("http.tls has a \(given[0]) alone: certificate and key belong together"))
        }
        let others = tls.members.filter {
            !$0.value.isEmpty && !["certificate", "key", "letsencrypt"].contains($0.key)
        }
        if given.isEmpty, let other = others.first {
            findings.append(.refusal("http.tls.\(other.key) is set, and there is no certificate: nothing is encrypted"))
        }
    }

    private mutating func require(_ root: ConfigurationEntry, _ section: String, _ keys: [String]) {
        let path = section.split(separator: ".").map(String.init)
        for key in keys where root[path + [key]]?.isEmpty != false {
            findings.append(.refusal("\(section).\(key) is missing"))
        }
    }
}
