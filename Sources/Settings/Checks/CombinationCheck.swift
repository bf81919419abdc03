/// Checks the values of a configuration against each other.
struct CombinationCheck {
    private(set) var findings: [Finding] = []

    init(_ root: ConfigurationEntry, _ settings: RegistrySettings) {
        checkAuthentication(root, settings)
        checkEncryption(root)
        checkNotifications(settings.notifications)
        if !settings.http.isUnixSocket, settings.http.address.hasPrefix("/") {
            findings.append(.refusal("http.addr is a socket path, which needs http.net: unix"))
        }
        if let host = settings.http.host, !host.hasPrefix("http://"), !host.hasPrefix("https://") {
            findings.append(.refusal("http.host is '\(host)': it needs a scheme, such as https://\(host)"))
        }
    }

    private mutating func checkAuthentication(_ root: ConfigurationEntry, _ settings: RegistrySettings) {
        var kinds = root["auth"]
        kinds?.nameKind()
        let names = kinds?.members.map(\.key) ?? []
        if names.count > 1 {
            findings.append(.refusal("auth has several kinds, only one is allowed: \(names.joined(separator: ", "))"))
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
            findings.append(.refusal("http.tls has only a \(given[0]): certificate and key are both needed"))
        }
        let others = tls.members.filter {
            !$0.value.isEmpty && !["certificate", "key", "letsencrypt"].contains($0.key)
        }
        if given.isEmpty, let other = others.first {
            findings.append(.refusal("http.tls.\(other.key) is set without a certificate: nothing would be encrypted"))
        }
    }

    private mutating func checkNotifications(_ settings: NotificationSettings) {
        var names: Set<String> = []
        for endpoint in settings.endpoints {
            let place = "notifications.endpoints.\(endpoint.index)"
            if !names.insert(endpoint.name).inserted {
                findings.append(.refusal("\(place).name is '\(endpoint.name)', as that of another endpoint"))
            }
            if !(1...NotificationSettings.longestName).contains(endpoint.name.utf8.count) {
                let limit = NotificationSettings.longestName
                findings.append(.refusal("\(place).name is not a name of 1 to \(limit) bytes"))
            }
            if !endpoint.isDisabled, !endpoint.hasUsableURL {
                findings.append(
                    .refusal("\(place).url is '\(endpoint.url)': it is not an http or https URL with a host")
                )
            }
        }
    }

    private mutating func require(_ root: ConfigurationEntry, _ section: String, _ keys: [String]) {
        let path = section.split(separator: ".").map(String.init)
        for key in keys where root[path + [key]]?.isEmpty != false {
            findings.append(.refusal("\(section).\(key) is missing"))
        }
    }
}
