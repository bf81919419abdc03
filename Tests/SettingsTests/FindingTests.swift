import Settings
import Testing

@Suite("A configuration, judged") struct FindingTests {
    @Test(
        "that would serve something else than was asked for is refused, and says what",
        arguments: [
            ("proxy: {remoteurl: https://hub.test}", "proxy.remoteurl (line 2 of the file): this is no cache"),
            (
                "storage: {s3: {bucket: b}}",
                "storage.s3 (line 2 of the file): the only storage there is yet is filesystem"
            ),
            ("storage: inmemory", "storage.inmemory (line 2 of the file): the only storage"),
            ("auth: {silly: {realm: r, service: s}}", "auth.silly (line 2 of the file): the ways to log in are"),
            ("auth: {htpasswd: {realm: r, path: p}, token: {realm: r}}", "auth has several kinds"),
            ("auth: {htpasswd: {path: p}}", "auth.htpasswd.realm is missing"),
            ("auth: htpasswd", "auth.htpasswd.path is missing"),
            ("auth: {token: {realm: r, service: s, issuer: i}}", "auth.token has neither rootcertbundle nor jwks"),
            ("middleware: {storage: [{name: cloudfront}]}", "middleware (line 2 of the file): there is no middleware"),
            (
                "notifications: {endpoints: [{name: a, url: b}]}",
                "notifications.endpoints (line 2 of the file): no events"
            ),
            (
                "http: {tls: {letsencrypt: {email: a@b.test}}}",
                "http.tls.letsencrypt (line 2 of the file): certificates"
            ),
            ("http: {tls: {certificate: /c}}", "http.tls has a certificate alone"),
            ("http: {tls: {clientcas: [/c]}}", "http.tls.clientcas is set, and there is no certificate"),
            ("http: {draintimeout: soon}", "http.draintimeout (line 2 of the file): 'soon' is not a time such as 30s"),
            ("http: {draintimeout: 30}", "http.draintimeout (line 2 of the file): '30' is not a time such as 30s"),
            ("http: {addr: /run/x.sock}", "http.addr is the path of a socket"),
            ("http: {host: registry.test}", "http.host is 'registry.test', not an address with its scheme"),
            ("http: [a]", "http (line 2 of the file): is not a mapping of keys"),
            ("http: {addr: [a]}", "http.addr (line 2 of the file): is not one value"),
            ("log: {level: loud}", "log.level (line 2 of the file): 'loud' is not one of error, warn, info, debug"),
            ("storage: {delete: {enabled: maybe}}", "storage.delete.enabled (line 2 of the file): 'maybe' is neither"),
            (
                "legacy: {enabled: sometimes}",
                "legacy.enabled (line 2 of the file): 'sometimes' is not one of true, read-only"
            ),
            ("validation: {manifests: {urls: {allow: [a]}}}", "validation.manifests.urls.allow (line 2 of the file)"),
            ("a: [", "it is not YAML"),
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

    @Test(
        "of no version, or of another than 0.1, is refused",
        arguments: ["http: {addr: a}", "version: 0.2\n", "version: [0.1]\n"]
    )
    func versions(file: String) {
        let configuration = RegistryConfiguration(file: file, environment: [:])
        #expect(!configuration.isAcceptable)
    }

    @Test(
        "that has keys without effect is served, with a warning that names the nearest",
        arguments: [
            (
                "http: {adress: a}",
                "http.adress (line 2 of the file) is not known and has no effect; there is http.addr"
            ),
            (
                "rootdirectory: /x",
                "rootdirectory (line 2 of the file) is not known and has no effect; there is "
                    + "storage.filesystem.rootdirectory"
            ),
            ("redis: {addr: localhost:6379}", "redis (line 2 of the file) has no effect: no redis is needed"),
            (
                "http: {debug: {addr: a}}",
                "http.debug.addr (line 2 of the file) has no effect: there is no debug server"
            ),
            ("log: {hooks: [{type: mail}]}", "log.hooks (line 2 of the file) has no effect: no mail is sent"),
            ("health: {file: [{file: /x}]}", "health.file (line 2 of the file) has no effect: nothing is checked"),
            (
                "compatibility: {schema1: {signingkeyfile: /k}}",
                "compatibility.schema1.signingkeyfile (line 2 of the file) has no effect: manifests are signed with"
            ),
        ]
    )
    func warnings(line: String, beginning: String) {
        let configuration = RegistryConfiguration(file: "version: 0.1\n\(line)\n", environment: [:])
        #expect(configuration.isAcceptable)
        #expect(configuration.findings.count == 1)
        #expect(
            configuration.findings.allSatisfy { $0.weight == .warning && $0.description.hasPrefix(beginning) },
            "\(configuration.findings)"
        )
    }

    @Test(
        "with what is not needed, or is switched off, has nothing to be said of it",
        arguments: [
            "http: {secret: asecretforlocaldevelopment}", "storage: {cache: {blobdescriptor: redis}}",
            "storage: {redirect: {disable: true}}", "notifications: {endpoints: [{name: a, disabled: true}]}",
            "notifications: {events: {includereferences: true}, endpoints: []}", "proxy: {remoteurl: \"\"}",
            "middleware: {storage: [{name: cloudfront, disabled: true}]}", "redis: {}", "auth:", "http: {tls: {}}",
            "health: {storagedriver: {enabled: true}}", "http: {http2: {disabled: false}}",
        ]
    )
    func unneeded(line: String) {
        let configuration = RegistryConfiguration(file: "version: 0.1\n\(line)\n", environment: [:])
        #expect(configuration.findings == [])
    }
}
