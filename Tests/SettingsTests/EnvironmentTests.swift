import Settings
import Testing

@Suite("Environment variables") struct EnvironmentTests {
    private static let file = """
        version: 0.1
        storage: {filesystem: {rootdirectory: /file}, delete: {enabled: false}}
        auth: {htpasswd: {realm: file, path: /file}}
        http:
          addr: :5000
          headers: {X-Content-Type-Options: [nosniff]}
          tls: {certificate: /c, key: /k, clientcas: [/one]}
        access: [anonymous pull]
        """

    private func value(_ key: String, _ environment: [String: String], file: String? = file) -> String? {
        RegistryConfiguration(file: file, environment: environment).values.first { $0.key == key }?.text
    }

    @Test(
        "override the keys that they name",
        arguments: [
            ("REGISTRY_HTTP_ADDR", "0.0.0.0:443", "http.addr", "0.0.0.0:443"),
            ("REGISTRY_STORAGE_DELETE_ENABLED", "true", "storage.delete.enabled", "true"),
            ("REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY", "/v", "storage.filesystem.rootdirectory", "/v"),
            ("REGISTRY_LOG_LEVEL", "debug", "log.level", "debug"),
            ("REGISTRY_LOG_ACCESSLOG_DISABLED", "true", "log.accesslog.disabled", "true"),
            ("REGISTRY_AUTH_HTPASSWD_PATH", "/v", "auth.htpasswd.path", "/v"),
            ("REGISTRY_HTTP_TLS_CLIENTCAS", "[/a, /b]", "http.tls.clientcas", "[/a, /b]"),
            ("REGISTRY_HTTP_TLS_CLIENTCAS_0", "/zero", "http.tls.clientcas", "[/zero]"),
            ("REGISTRY_HTTP_TLS_CLIENTCAS_1", "/two", "http.tls.clientcas", "[/one, /two]"),
            (
                "REGISTRY_HTTP_HEADERS_X-FRAME-OPTIONS", "[deny]", "http.headers",
                "{X-Content-Type-Options: [nosniff], x-frame-options: [deny]}"
            ),
            (
                "REGISTRY_HTTP_HEADERS_X-CONTENT-TYPE-OPTIONS", "[a, b]", "http.headers",
                "{X-Content-Type-Options: [a, b]}"
            ),
            ("REGISTRY_HTTP_HEADERS", "{A: [b]}", "http.headers", "{A: [b]}"),
            (
                "REGISTRY_STORAGE_MAINTENANCE_READONLY", "{enabled: true}", "storage.maintenance.readonly.enabled",
                "true"
            ),
            ("REGISTRY_LEGACY_CONVERSIONWAIT", "5s", "legacy.conversion-wait", "5s"),
            ("REGISTRY_ACCESS_1", "ci pull,push", "access", "[anonymous pull, ci pull,push]"),
            ("REGISTRY_ACCESS_0_USERS", "[ci]", "access", "[{users: [ci]}]"),
        ]
    )
    func overrides(name: String, text: String, key: String, expected: String) {
        #expect(value(key, [name: text]) == expected)
    }

    @Test("that name an unsupported storage are refused", arguments: ["inmemory", "s3", "{s3: {bucket: a}}"])
    func otherStorage(text: String) {
        #expect(!RegistryConfiguration(file: nil, environment: ["REGISTRY_STORAGE": text]).isAcceptable)
    }

    @Test("for a kind replace the file's other kind, before variables for its parts apply")
    func kinds() {
        let environment = [
            "REGISTRY_AUTH": "token", "REGISTRY_AUTH_TOKEN_REALM": "https://auth.test/token",
            "REGISTRY_AUTH_TOKEN_SERVICE": "registry", "REGISTRY_AUTH_TOKEN_ISSUER": "issuer",
            "REGISTRY_AUTH_TOKEN_ROOTCERTBUNDLE": "/bundle.pem",
        ]
        let configuration = RegistryConfiguration(file: Self.file, environment: environment)
        #expect(configuration.findings == [])
        guard case .token(let token)? = configuration.settings.authentication else {
            Issue.record("the kind is that of the variable")
            return
        }
        #expect(token.realm == "https://auth.test/token" && token.rootCertificateBundle == "/bundle.pem")
    }

    @Test("alone create the set-up of the guides, without a file")
    func guide() {
        let environment = [
            "REGISTRY_AUTH": "htpasswd", "REGISTRY_AUTH_HTPASSWD_REALM": "Registry Realm",
            "REGISTRY_AUTH_HTPASSWD_PATH": "/auth/htpasswd", "REGISTRY_HTTP_TLS_CERTIFICATE": "/certs/domain.crt",
            "REGISTRY_HTTP_TLS_KEY": "/certs/domain.key",
        ]
        let configuration = RegistryConfiguration(file: nil, environment: environment)
        #expect(configuration.findings == [])
        #expect(configuration.settings.authentication == .htpasswd(realm: "Registry Realm", path: "/auth/htpasswd"))
        #expect(configuration.settings.http.tls?.certificate == "/certs/domain.crt")
    }

    @Test(
        "that are unknown are reported, with the nearest known one",
        arguments: [
            ("REGISTRY_HTTP_ADR", "$REGISTRY_HTTP_ADR is not a known variable; did you mean REGISTRY_HTTP_ADDR"),
            ("REGISTRY_SERVICE_HOST", "$REGISTRY_SERVICE_HOST is not a known variable"),
            ("REGISTRY_PROXY_SERVICE_HOST", "$REGISTRY_PROXY_SERVICE_HOST is not a known variable"),
            ("REGISTRY_PROXY_PORT", "$REGISTRY_PROXY_PORT is not a known variable"),
            ("REGISTRY_PROXY_PORT_5000_TCP_ADDR", "$REGISTRY_PROXY_PORT_5000_TCP_ADDR is not a known variable"),
            ("REGISTRY_HTTP_ADDR_X", "$REGISTRY_HTTP_ADDR_X is not a known variable"),
        ]
    )
    func unknown(name: String, beginning: String) {
        let configuration = RegistryConfiguration(file: Self.file, environment: [name: "x"])
        #expect(configuration.isAcceptable)
        #expect(configuration.findings.map(\.description).allSatisfy { $0.hasPrefix(beginning) })
        #expect(configuration.findings.count == 1)
    }

    @Test(
        "that are misspelt are refused if ignoring them would change the server's behaviour",
        arguments: [
            ("REGISTRY_AUHT", "$REGISTRY_AUHT is not a known variable; did you mean REGISTRY_AUTH"),
            (
                "REGISTRY_HTTP_TLS_CERTIFICAT",
                "$REGISTRY_HTTP_TLS_CERTIFICAT is not a known variable; did you mean REGISTRY_HTTP_TLS_CERTIFICATE"
            ),
            ("REGISTRY_HTTP_TLS_VERIFICATION", "$REGISTRY_HTTP_TLS_VERIFICATION is not a known variable"),
            ("REGISTRY_ACCESS_0_USER", "$REGISTRY_ACCESS_0_USER is not a known variable"),
        ]
    )
    func decisive(name: String, beginning: String) {
        let configuration = RegistryConfiguration(file: nil, environment: [name: "x"])
        #expect(
            configuration.findings.contains { $0.weight == .refusal && $0.description.hasPrefix(beginning) },
            "\(configuration.findings)"
        )
    }

    /// Names of services for which Kubernetes could set variables.
    static let services = [
        "REGISTRY", "REGISTRY_AUTH", "REGISTRY_STORAGE", "REGISTRY_PROXY", "REGISTRY_UI", "REGISTRY_HTTP",
        "REGISTRY_HTTP_TLS", "REGISTRY_HTTP_HEADERS", "REGISTRY_ACCESS", "REGISTRY_LOG", "REGISTRY_LEGACY",
        "REGISTRY_STORAGE_FILESYSTEM", "REGISTRY_AUTH_TOKEN", "REGISTRY_AUTH_HTPASSWD", "REGISTRY_NOTIFICATIONS",
        "REGISTRY_MIDDLEWARE", "REGISTRY_VALIDATION", "REGISTRY_ACCESS_0", "REGISTRY_COMPATIBILITY",
    ]

    @Test("for Kubernetes services are reported and change nothing", arguments: services)
    func serviceLinks(service: String) {
        let values = RegistryConfiguration(file: Self.file, environment: [:]).values.map { "\($0.key) \($0.text)" }
        for address in ["10.96.7.8", "fd00:10:96::7"] {
            let url = "tcp://\(address.contains(":") ? "[\(address)]" : address):5001"
            let environment = [
                "SERVICE_HOST": address, "SERVICE_PORT": "5001", "SERVICE_PORT_HTTP": "5001",
                "SERVICE_PORT_HTTPS_2": "5001", "PORT": url, "PORT_5001_TCP": url, "PORT_5001_TCP_PROTO": "tcp",
                "PORT_5001_TCP_PORT": "5001", "PORT_5001_TCP_ADDR": address, "PORT_53_UDP": "udp://\(address):53",
                "PORT_53_UDP_PROTO": "udp",
            ]
            for (part, value) in environment {
                let name = "\(service)_\(part)"
                let configuration = RegistryConfiguration(file: Self.file, environment: [name: value])
                #expect(configuration.isAcceptable, "\(name)=\(value): \(configuration.findings)")
                #expect(configuration.values.map { "\($0.key) \($0.text)" } == values, "\(name)")
                // REGISTRY_PORT is docker-registry's variable, and used when it is a number.
                #expect(configuration.findings.count == (name == "REGISTRY_PORT" ? 0 : 1), "\(name)")
                #expect(configuration.findings.allSatisfy { $0.description.contains(name) && $0.weight == .warning })
            }
        }
    }

    @Test(
        "with such a suffix and another value are settings",
        arguments: [
            ("REGISTRY_AUTH_PORT", "htpasswd"), ("REGISTRY_STORAGE_SERVICE_HOST", "x"),
            ("REGISTRY_AUTH_SERVICE_PORT", "x"),
            ("REGISTRY_AUTH_PORT_5001_TCP", "x"),
        ]
    )
    func noServiceLink(name: String, text: String) {
        #expect(!RegistryConfiguration(file: Self.file, environment: [name: text]).isAcceptable)
    }

    @Test("that name the file are not keys of it")
    func file() {
        let environment = ["REGISTRY_CONFIGURATION_PATH": "/etc/docker/registry/config.yml"]
        #expect(RegistryConfiguration(file: Self.file, environment: environment).findings == [])
    }

    @Test(
        "that are malformed, or name an impossible element, are refused",
        arguments: [
            ("REGISTRY_HTTP_HEADERS", "{a: ["), ("REGISTRY_HTTP_TLS_CLIENTCAS_7", "/x"),
            ("REGISTRY_HTTP_TLS_CLIENTCAS_FIRST", "/x"), ("REGISTRY_STORAGE_S3_BUCKET", "b"),
            ("REGISTRY_PROXY_REMOTEURL", "https://hub.test"), ("REGISTRY_HTTP_DRAINTIMEOUT", "never"),
        ]
    )
    func refused(name: String, text: String) {
        #expect(!RegistryConfiguration(file: Self.file, environment: [name: text]).isAcceptable)
    }

    @Test(
        "of docker-registry apply when nothing else is set",
        arguments: [
            (["STORAGE_PATH": "/v1"], "storage.filesystem.rootdirectory", "/v1"),
            (["STORAGE_PATH": "/v1", "REGISTRY_STORAGE": "filesystem"], "storage.filesystem.rootdirectory", "/v1"),
            (["STORAGE_PATH": "/v1"], "legacy.delete", "true"),
            (["SEARCH_BACKEND": ""], "legacy.search", "false"),
            (["SEARCH_BACKEND": "sqlalchemy"], "legacy.search", "true"),
            (["REGISTRY_PORT": "5050"], "http.addr", "0.0.0.0:5050"),
            (["REGISTRY_HOST": "127.0.0.1"], "http.addr", "127.0.0.1:5000"),
            (["REGISTRY_HOST": "127.0.0.1", "REGISTRY_PORT": "80"], "http.addr", "127.0.0.1:80"),
            (["REGISTRY_PORT": "tcp://10.0.0.1:5000"], "http.addr", ":5000"),
            (["STANDALONE": "true"], "storage.filesystem.rootdirectory", "./registry"),
        ] as [([String: String], String, String)]
    )
    func dockerRegistry(environment: [String: String], key: String, expected: String) {
        let configuration = RegistryConfiguration(file: nil, environment: environment)
        #expect(configuration.findings == [])
        #expect(value(key, environment, file: nil) == expected)
    }

    @Test(
        "of docker-registry override neither a file nor other variables, with a warning",
        arguments: [
            (
                "STORAGE_PATH", "/v1", [:], "storage.filesystem.rootdirectory", "/file",
                "$STORAGE_PATH has no effect: storage.filesystem.rootdirectory is set (line 2 of the file)"
            ),
            (
                "STORAGE_PATH", "/v1", ["REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY": "/v2"],
                "storage.filesystem.rootdirectory", "/v2",
                "$STORAGE_PATH has no effect: storage.filesystem.rootdirectory is set "
                    + "($REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY)"
            ),
            ("STORAGE_PATH", "/v1", [:], "legacy.delete", "false", "$STORAGE_PATH has no effect"),
            (
                "REGISTRY_PORT", "80", [:], "http.addr", ":5000",
                "$REGISTRY_PORT has no effect: http.addr is set (line 5 of the file)"
            ),
            (
                "REGISTRY_PORT", "80", ["REGISTRY_HTTP_ADDR": ":81"], "http.addr", ":81",
                "$REGISTRY_PORT has no effect: http.addr is set ($REGISTRY_HTTP_ADDR)"
            ),
            (
                "REGISTRY_HOST", "10.0.0.1", [:], "http.addr", ":5000",
                "$REGISTRY_HOST has no effect: http.addr is set (line 5 of the file)"
            ),
            (
                "SEARCH_BACKEND", "sqlalchemy", ["REGISTRY_LEGACY_SEARCH": "false"], "legacy.search", "false",
                "$SEARCH_BACKEND has no effect: legacy.search is set ($REGISTRY_LEGACY_SEARCH)"
            ),
        ] as [(String, String, [String: String], String, String, String)]
    )
    func overridden(
        name: String,
        text: String,
        others: [String: String],
        key: String,
        expected: String,
        beginning: String
    ) {
        let environment = others.merging([name: text]) { $1 }
        let configuration = RegistryConfiguration(file: Self.file, environment: environment)
        #expect(value(key, environment) == expected)
        #expect(configuration.findings.count == 1)
        #expect(
            configuration.findings.allSatisfy { $0.weight == .warning && $0.description.hasPrefix(beginning) },
            "\(configuration.findings)"
        )
    }

    @Test(
        "of a docker-registry that was not standalone, or stored elsewhere, are refused",
        arguments: [("STANDALONE", "false"), ("SETTINGS_FLAVOR", "s3")]
    )
    func notStandalone(name: String, text: String) {
        #expect(!RegistryConfiguration(file: nil, environment: [name: text]).isAcceptable)
    }
}
