import Settings
import Testing

@Suite("A configuration") struct RegistryConfigurationTests {
    /// What the image of registry:2 holds as `/etc/docker/registry/config.yml`.
    static let imageFile = """
        version: 0.1
        log:
          fields:
            service: registry
        storage:
          cache:
            blobdescriptor: inmemory
          filesystem:
            rootdirectory: /var/lib/registry
        http:
          addr: :5000
          headers:
            X-Content-Type-Options: [nosniff]
        health:
          storagedriver:
            enabled: true
            interval: 10s
            threshold: 3
        """

    @Test("of registry:2's image has nothing to be said of it")
    func imageConfiguration() {
        let configuration = RegistryConfiguration(file: Self.imageFile, environment: [:])
        #expect(configuration.findings == [])
        let settings = configuration.settings
        #expect(settings.storage.root == "/var/lib/registry")
        #expect(settings.http.address == ":5000")
        #expect(settings.http.headers.map(\.name) == ["X-Content-Type-Options"])
        #expect(settings.http.headers.map(\.value) == ["nosniff"])
        #expect(settings.log.fields == ["service": "registry"])
        #expect(settings.log.level == "info")
        #expect(settings.http.tls == nil)
        #expect(settings.authentication == nil)
        #expect(settings.storage.uploadPurging?.age == .seconds(168 * 3600))
        #expect(settings.storage.allowsDeletes == nil)
    }

    @Test("that is not there leaves everything as it is without one")
    func nothing() {
        let configuration = RegistryConfiguration(file: nil, environment: ["HOME": "/root"])
        #expect(configuration.findings == [])
        #expect(configuration.settings.storage.root == "./registry")
        #expect(configuration.settings.oldClients.conversionWait == .seconds(50))
    }

    @Test("is overridden by variables, and these by options; each value tells where it is from")
    func precedence() {
        let configuration = RegistryConfiguration(
            file: Self.imageFile,
            environment: ["REGISTRY_HTTP_ADDR": ":6000", "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY": "/srv"],
            options: [.init("--address", "http.addr", ":7000")]
        )
        let origins = Dictionary(configuration.values.map { ($0.key, "\($0.text) \($0.origin)") }) { $1 }
        #expect(origins["http.addr"] == ":7000 --address")
        #expect(origins["storage.filesystem.rootdirectory"] == "/srv $REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY")
        #expect(origins["log.fields"] == "{service: registry} line 4 of the file")
        #expect(origins["catalog.maxentries"] == "1000 default")
    }

    @Test("has every value that is understood in its settings")
    func values() throws {
        let file = """
            version: 0.1
            loglevel: debug
            log: {formatter: json, accesslog: {disabled: true}}
            storage:
              filesystem: {rootdirectory: /data, maxthreads: 50}
              delete: {enabled: true}
              maintenance:
                uploadpurging: {enabled: true, age: 1h30m, interval: 90s, dryrun: yes}
                readonly: {enabled: true}
            auth: {htpasswd: {realm: basic-realm, path: /etc/htpasswd}}
            http:
              addr: /run/registry.sock
              net: unix
              host: https://registry.test
              prefix: /registry
              relativeurls: true
              draintimeout: 1m
              tls:
                certificate: /c.pem
                key: /k.pem
                clientcas: [/a.pem, /b.pem]
                minimumtls: tls1.3
                plain: redirect
                profile: old
              http2: {disabled: true}
            catalog: {maxentries: 7}
            compatibility: {schema1: {enabled: false}, platform: linux/arm64}
            legacy: {enabled: read-only, search: false, convert: on-access, conversion-wait: 5s, hide-v2: no, delete: false}
            access:
              - anonymous pull
              - {users: [ci], groups: [release], repositories: ["team/*"], actions: [pull, push]}
            access-groups: {release: [anna, ben]}
            """
        let configuration = RegistryConfiguration(file: file, environment: [:])
        #expect(configuration.findings == [])
        let settings = configuration.settings
        #expect(settings.log.level == "debug" && settings.log.isJSON && !settings.log.logsRequests)
        #expect(
            settings.storage.root == "/data" && settings.storage.allowsDeletes == true && settings.storage.isReadOnly
        )
        let purging = try #require(settings.storage.uploadPurging)
        #expect(purging.age == .seconds(5400) && purging.interval == .seconds(90) && purging.isDryRun)
        #expect(settings.authentication == .htpasswd(realm: "basic-realm", path: "/etc/htpasswd"))
        #expect(settings.http.isUnixSocket && settings.http.usesRelativeURLs)
        #expect(settings.http.host == "https://registry.test" && settings.http.prefix == "/registry/")
        #expect(settings.http.drainTimeout == .seconds(60))
        let tls = try #require(settings.http.tls)
        #expect(tls.certificate == "/c.pem" && tls.key == "/k.pem" && tls.clientAuthorities == ["/a.pem", "/b.pem"])
        #expect(tls.minimumVersion == "tls1.3" && tls.plain == .redirect && tls.acceptsOldClients && !tls.offersHTTP2)
        #expect(settings.catalogueLimit == 7)
        #expect(!settings.oldClients.offersSchema1 && settings.oldClients.platform == "linux/arm64")
        #expect(settings.oldClients.access == "read-only" && !settings.oldClients.isSearchEnabled)
        #expect(settings.oldClients.conversion == "on-access" && settings.oldClients.conversionWait == .seconds(5))
        #expect(!settings.oldClients.hidesV2 && settings.oldClients.allowsDeletes == false)
        let access = try #require(settings.access)
        #expect(access.first == .line("anonymous pull"))
        guard case .rule(let rule)? = access.last else {
            Issue.record("the second rule is in keys")
            return
        }
        #expect(rule.users == ["ci"] && rule.groups == ["release"] && !rule.isForEveryone)
        #expect(rule.repositories == ["team/*"] && rule.actions == ["pull", "push"])
        #expect(settings.groups == ["release": ["anna", "ben"]] && settings.groupsFile == nil)
    }

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

    @Test("merges what YAML's anchors share")
    func anchors() {
        let file = """
            version: 0.1
            storage: {delete: &on {enabled: true}, maintenance: {readonly: *on, uploadpurging: {<<: *on, age: 2h}}}
            """
        let settings = RegistryConfiguration(file: file, environment: [:]).settings
        #expect(settings.storage.isReadOnly && settings.storage.allowsDeletes == true)
        #expect(settings.storage.uploadPurging?.age == .seconds(7200))
    }

    @Test("never shows a secret")
    func secrets() {
        let file = "version: 0.1\nhttp: {secret: sesame}\nproxy: {password: sesame}\n"
        let configuration = RegistryConfiguration(file: file, environment: [:])
        #expect(!configuration.values.contains { $0.text.contains("sesame") })
    }
}
