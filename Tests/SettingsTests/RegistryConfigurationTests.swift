import Settings
import Testing

@Suite("A configuration") struct RegistryConfigurationTests {
    /// The content of `/etc/docker/registry/config.yml` in the image of registry:2.
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

    @Test("of registry:2's image is served, and its storage is checked")
    func imageConfiguration() {
        let configuration = RegistryConfiguration(file: Self.imageFile, environment: [:])
        #expect(configuration.isAcceptable)
        #expect(configuration.findings.isEmpty)
        #expect(configuration.settings.health.storage?.interval == .seconds(10))
        #expect(configuration.settings.health.storage?.threshold == 3)
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

    @Test("that is absent leaves all defaults in effect")
    func nothing() {
        let configuration = RegistryConfiguration(file: nil, environment: ["HOME": "/root"])
        #expect(configuration.findings == [])
        #expect(configuration.settings.storage.root == "./registry")
        #expect(configuration.settings.oldClients.conversionWait == .seconds(50))
    }

    @Test("is overridden by variables, and these by options; each value shows its origin")
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

    @Test("has every supported value in its settings")
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
            legacy:
              enabled: read-only
              search: false
              convert: on-access
              conversion-wait: 5s
              hide-v2-from: 1.10
              delete: false
            access:
              - anonymous pull
              - {users: [ci], groups: [release], repositories: ["team/*"], actions: [pull, push]}
            access-groups: {release: [anna, ben]}
            """
        let configuration = RegistryConfiguration(file: file, environment: [:])
        #expect(configuration.findings == [])
        let settings = configuration.settings
        #expect(settings.log.level == "debug" && settings.log.formatter == "json" && !settings.log.logsRequests)
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
        #expect(settings.oldClients.hidesV2From == "1.10" && settings.oldClients.allowsDeletes == false)
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
        "hides v2 from Docker up to 1.5 by default",
        arguments: [("", "1.5"), ("hide-v2-from: 1.3", "1.3"), ("hide-v2-from: false", nil), ("hide-v2-from: no", nil)]
    )
    func hiddenV2(key: String, expected: String?) {
        let configuration = RegistryConfiguration(file: "version: 0.1\nlegacy: {\(key)}\n", environment: [:])
        #expect(configuration.findings == [])
        #expect(configuration.settings.oldClients.hidesV2From == expected)
    }

    @Test(
        "lets an index lack manifests like registry 3 does, and by default none",
        arguments: [
            ("", "all", []), ("platforms: ALL", "all", []), ("platforms: none", "none", []),
            (
                "platforms: list, platformlist: [{architecture: amd64, os: linux}, {os: linux, architecture: arm64}]",
                "list", ["linux/amd64", "linux/arm64"]
            ),
            ("platforms: list, platformlist: [linux/amd64, nonsense]", "list", ["linux/amd64", "/"]),
        ]
    )
    func indexes(keys: String, platforms: String, list: [String]) {
        let file = "version: 0.1\nvalidation: {manifests: {indexes: {\(keys)}}}\n"
        let configuration = RegistryConfiguration(file: file, environment: [:])
        #expect(configuration.findings == [])
        let indexes = configuration.settings.indexes
        #expect(indexes.platforms == platforms)
        #expect(indexes.platformList.map { "\($0.os)/\($0.architecture)" } == list)
    }

    @Test("also reads what an index may lack from variables")
    func indexVariables() {
        let environment = ["REGISTRY_VALIDATION_MANIFESTS_INDEXES_PLATFORMS": "none"]
        let configuration = RegistryConfiguration(file: "version: 0.1\n", environment: environment)
        #expect(configuration.settings.indexes.platforms == "none")
    }

    @Test("merges YAML anchors")
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
