import Settings
import Testing

@Suite("The findings of a configuration") struct FindingTests {
    @Test(
        "refuse one that would do something other than configured, and say what",
        arguments: [
            ("proxy: {remoteurl: https://hub.test}", "proxy.remoteurl (line 2 of the file): pull-through caches"),
            (
                "storage: {s3: {bucket: b}}",
                "storage.s3 (line 2 of the file): the only supported storage is filesystem"
            ),
            ("storage: inmemory", "storage.inmemory (line 2 of the file): the only supported storage"),
            ("auth: {silly: {realm: r, service: s}}", "auth.silly (line 2 of the file): the supported kinds are"),
            ("auth: {htpasswd: {realm: r, path: p}, token: {realm: r}}", "auth has several kinds"),
            ("auth: {htpasswd: {path: p}}", "auth.htpasswd.realm is missing"),
            ("auth: htpasswd", "auth.htpasswd.path is missing"),
            ("auth: {token: {realm: r, service: s, issuer: i}}", "auth.token has neither rootcertbundle nor jwks"),
            (
                "middleware: {storage: [{name: cloudfront}]}",
                "middleware (line 2 of the file): middleware is not supported"
            ),
            (
                "notifications: {endpoints: [{name: a, url: b}]}",
                "notifications.endpoints.0.url is 'b': it is not an http or https URL with a host"
            ),
            (
                "notifications: {endpoints: [{name: a, url: 'ftp://b/'}]}",
                "notifications.endpoints.0.url is 'ftp://b/': it is not"
            ),
            (
                "notifications: {endpoints: [{name: a, url: 'http://b/'}, {name: a, url: 'http://c/'}]}",
                "notifications.endpoints.1.name is 'a', as that of another endpoint"
            ),
            (
                "notifications: {endpoints: [{name: a, url: 'http://b/', timeout: soon}]}",
                "notifications.endpoints.0.timeout (line 2 of the file): 'soon' is not a time"
            ),
            (
                "http: {tls: {letsencrypt: {email: a@b.test}}}",
                "http.tls.letsencrypt (line 2 of the file): ACME"
            ),
            ("http: {tls: {certificate: /c}}", "http.tls has only a certificate"),
            ("http: {tls: {clientcas: [/c]}}", "http.tls.clientcas is set without a certificate"),
            ("http: {draintimeout: soon}", "http.draintimeout (line 2 of the file): 'soon' is not a time such as 30s"),
            ("http: {draintimeout: 30}", "http.draintimeout (line 2 of the file): '30' is not a time such as 30s"),
            ("http: {addr: /run/x.sock}", "http.addr is a socket path"),
            ("http: {host: registry.test}", "http.host is 'registry.test': it needs a scheme"),
            ("http: [a]", "http (line 2 of the file): is not a mapping of keys"),
            ("http: {addr: [a]}", "http.addr (line 2 of the file): is not one value"),
            ("log: {level: loud}", "log.level (line 2 of the file): 'loud' is not one of error, warn, info, debug"),
            ("storage: {delete: {enabled: maybe}}", "storage.delete.enabled (line 2 of the file): 'maybe' is neither"),
            (
                "legacy: {enabled: sometimes}",
                "legacy.enabled (line 2 of the file): 'sometimes' is not one of true, read-only"
            ),
            ("validation: {manifests: {urls: {allow: [a]}}}", "validation.manifests.urls.allow (line 2 of the file)"),
            (
                "validation: {manifests: {indexes: {platforms: some}}}",
                "validation.manifests.indexes.platforms (line 2 of the file): 'some' is not one of all, none, list"
            ),
            ("a: [", "it is not YAML"),
            (
                "auht: {htpasswd: {realm: r, path: p}}",
                "auht (line 2 of the file) is not a known key; did you mean auth"
            ),
            ("authentication: htpasswd", "authentication (line 2 of the file) is not a known key; did you mean auth"),
            (
                "htpasswd: {realm: r, path: p}",
                "htpasswd (line 2 of the file) is not a known key; did you mean auth.htpasswd"
            ),
            (
                "auth: {htpasswd: {realm: r, path: p, paht: q}}",
                "auth.htpasswd.paht (line 2 of the file) is not a known key"
            ),
            ("acess: [anonymous pull]", "acess (line 2 of the file) is not a known key; did you mean access"),
            (
                "access-group: {a: [b]}",
                "access-group (line 2 of the file) is not a known key; did you mean access-groups"
            ),
            ("prxy: {remoteurl: https://hub.test}", "prxy (line 2 of the file) is not a known key; did you mean proxy"),
            (
                "proxy: {remote: https://hub.test}",
                "proxy.remote (line 2 of the file) is not a known key; did you mean proxy"
            ),
            (
                "midleware: {storage: [{name: a}]}",
                "midleware (line 2 of the file) is not a known key; did you mean middleware"
            ),
            (
                "http: {tls: {certificate: /c, key: /k, clientca: [/a]}}",
                "http.tls.clientca (line 2 of the file) is not a known key; did you mean http.tls.clientcas"
            ),
            (
                "http: {tls: {certificate: /c, key: /k, verification: required}}",
                "http.tls.verification (line 2 of the file) is not a known key"
            ),
            ("tls: {certificate: /c, key: /k}", "tls (line 2 of the file) is not a known key; did you mean http.tls"),
            (
                "rootdirectory: /x",
                "rootdirectory (line 2 of the file) is not a known key; did you mean storage.filesystem.rootdirectory"
            ),
            (
                "storage: {filesystem: {rootdir: /x}}",
                "storage.filesystem.rootdir (line 2 of the file) is not a known key; did you mean storage.filesystem.rootdirectory"
            ),
            (
                "legacy: {enable: false}",
                "legacy.enable (line 2 of the file) is not a known key; did you mean legacy.enabled"
            ),
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
        "refuse a rule that would allow more than intended, or nothing",
        arguments: [
            (
                "{user: [boss], actions: ['*']}",
                "access.0.user (line 2 of the file) is not a known key; did you mean access.0.users"
            ),
            ("{user: [boss], actions: ['*']}", "access.0 (line 2 of the file): it applies to nobody"),
            (
                "{users: [x], repository: [team/*], actions: [pull]}",
                "access.0.repository (line 2 of the file) is not a known key; did you mean access.0.repositories"
            ),
            ("{actions: [pull]}", "access.0 (line 2 of the file): it applies to nobody"),
            ("{anonymous: false, actions: [pull]}", "access.0 (line 2 of the file): it applies to nobody"),
            ("{users: [], actions: [pull]}", "access.0 (line 2 of the file): users is empty"),
            ("{users: , actions: [pull]}", "access.0 (line 2 of the file): users is empty"),
            ("{users: [''], actions: [pull]}", "access.0 (line 2 of the file): users is empty"),
            ("{groups: [], actions: [pull]}", "access.0 (line 2 of the file): groups is empty"),
            (
                "{users: [x], repositories: [], actions: [pull]}",
                "access.0 (line 2 of the file): repositories is empty"
            ),
            ("{users: [x], actions: []}", "access.0 (line 2 of the file): actions is empty"),
            ("{users: [x]}", "access.0 (line 2 of the file): it allows nothing"),
            ("null", "access.0 (line 2 of the file): it applies to nobody"),
        ]
    )
    func rules(rule: String, beginning: String) {
        let file = "version: 0.1\naccess: [\(rule)]\n"
        let configuration = RegistryConfiguration(file: file, environment: [:])
        #expect(
            configuration.findings.contains { $0.weight == .refusal && $0.description.hasPrefix(beginning) },
            "\(configuration.findings)"
        )
    }

    @Test(
        "are empty for rules in keys that name their subjects",
        arguments: [
            "{users: ['*'], actions: [pull]}", "{groups: [a], actions: ['*']}", "{anonymous: true, actions: [pull]}",
            "{users: a, repositories: team/*, actions: push}",
        ]
    )
    func soundRules(rule: String) {
        #expect(RegistryConfiguration(file: "version: 0.1\naccess: [\(rule)]\n", environment: [:]).findings == [])
    }

    @Test(
        "refuse a missing version, or any other than 0.1",
        arguments: ["http: {addr: a}", "version: 0.2\n", "version: [0.1]\n"]
    )
    func versions(file: String) {
        let configuration = RegistryConfiguration(file: file, environment: [:])
        #expect(!configuration.isAcceptable)
    }

    @Test(
        "warn about keys without effect, suggesting the nearest",
        arguments: [
            (
                "http: {address: a}",
                "http.address (line 2 of the file) is not a known key and has no effect; did you mean http.addr"
            ),
            (
                "http: {adr: a}",
                "http.adr (line 2 of the file) is not a known key and has no effect; did you mean http.addr"
            ),
            (
                "accesslog: {disabled: true}",
                "accesslog (line 2 of the file) is not a known key and has no effect; did you mean log"
            ),
            ("redis: {addr: localhost:6379}", "redis (line 2 of the file) has no effect: no redis is needed"),
            ("log: {hooks: [{type: mail}]}", "log.hooks (line 2 of the file) has no effect: no mail is sent"),
            (
                "health: {files: [{file: /x}]}",
                "health.files (line 2 of the file) is not a known key and has no effect; did you mean health.file"
            ),
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

    @Test("suggest no key that is not similar")
    func farKey() {
        let configuration = RegistryConfiguration(file: "version: 0.1\nhttp: {pool: 3}\n", environment: [:])
        #expect(
            configuration.findings.map(\.description) == [
                "http.pool (line 2 of the file) is not a known key and has no effect"
            ]
        )
    }

    @Test(
        "are empty for keys that are not needed, or switched off",
        arguments: [
            "http: {secret: asecretforlocaldevelopment}", "storage: {cache: {blobdescriptor: redis}}",
            "storage: {redirect: {disable: true}}", "notifications: {endpoints: [{name: a, disabled: true}]}",
            "notifications: {events: {includereferences: true}, endpoints: []}", "proxy: {remoteurl: \"\"}",
            "middleware: {storage: [{name: cloudfront, disabled: true}]}", "redis: {}", "auth:", "http: {tls: {}}",
            "health: {storagedriver: {enabled: true}, file: [{file: /x}]}",
            "http: {debug: {addr: localhost:5001, prometheus: {enabled: true, path: /metrics}}}",
            "http: {http2: {disabled: false}}",
        ]
    )
    func unneeded(line: String) {
        let configuration = RegistryConfiguration(file: "version: 0.1\n\(line)\n", environment: [:])
        #expect(configuration.findings == [])
    }
}
