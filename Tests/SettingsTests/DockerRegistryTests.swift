import Settings
import Testing

@Suite("A configuration of docker-registry 0.9") struct DockerRegistryTests {
    /// A file like docker-registry's sample: anchors, merged flavors, values from variables.
    private static let file = """
        common: &common
            issue: '"docker-registry server"'
            loglevel: _env:LOGLEVEL:info
            debug: _env:DEBUG:false
            standalone: _env:STANDALONE:true
            index_endpoint: _env:INDEX_ENDPOINT:https://index.test
            storage_redirect: _env:STORAGE_REDIRECT
            disable_token_auth: _env:DISABLE_TOKEN_AUTH
            privileged_key: _env:PRIVILEGED_KEY
            search_backend: _env:SEARCH_BACKEND
            sqlalchemy_index_database: _env:SQLALCHEMY_INDEX_DATABASE:sqlite:////tmp/registry.db
            mirroring:
                source: _env:MIRROR_SOURCE # an address
                tags_cache_ttl: _env:MIRROR_TAGS_CACHE_TTL:172800
            cache: {host: _env:CACHE_REDIS_HOST, db: "_env:CACHE_REDIS_DB:0"}
            email_exceptions:
                smtp_host: _env:SMTP_HOST
                smtp_port: _env:SMTP_PORT:25
            cors:
                origins: _env:CORS_ORIGINS
                methods: _env:CORS_METHODS
                headers: _env:CORS_HEADERS:[Content-Type]
                max_age: _env:CORS_MAX_AGE
                vary_header: _env:CORS_VARY_HEADER
        local: &local
            <<: *common
            storage: local
            storage_path: _env:STORAGE_PATH:/tmp/registry
        dev:
            <<: *local
            loglevel: _env:LOGLEVEL:debug
            search_backend: _env:SEARCH_BACKEND:sqlalchemy
        prod:
            <<: *common
            storage: s3
            storage_path: /prod
        mine:
            <<: *local
            storage_path: /data/registry
            standalone: false
        """

    private func configuration(_ environment: [String: String] = [:], file: String = file) -> RegistryConfiguration {
        RegistryConfiguration(file: file, environment: environment)
    }

    @Test(
        "sets the keys that have a counterpart, from the flavor and the variables it refers to",
        arguments: [
            ([:], "storage.filesystem.rootdirectory", "/tmp/registry"), ([:], "log.level", "debug"),
            ([:], "legacy.search", "true"), ([:], "legacy.delete", "true"), ([:], "http.headers", "(not set)"),
            (["SETTINGS_FLAVOR": "local"], "legacy.search", "false"),
            (["SETTINGS_FLAVOR": "local"], "log.level", "info"),
            (["STORAGE_PATH": "/v1"], "storage.filesystem.rootdirectory", "/v1"),
            (["LOGLEVEL": "WARNING"], "log.level", "warn"), (["SEARCH_BACKEND": ""], "legacy.search", "false"),
            (["REGISTRY_PORT": "5050"], "http.addr", "0.0.0.0:5050"),
            (["REGISTRY_LOG_LEVEL": "error"], "log.level", "error"),
            (
                ["REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY": "/v2"], "storage.filesystem.rootdirectory", "/v2"
            ),
            (
                ["CORS_ORIGINS": "https://ui.test", "CORS_MAX_AGE": "600"], "http.headers",
                "{Access-Control-Allow-Headers: [Content-Type], "
                    + "Access-Control-Allow-Methods: [GET, HEAD, POST, OPTIONS, PUT, PATCH, DELETE], "
                    + "Access-Control-Allow-Origin: [https://ui.test], Access-Control-Max-Age: [600]}"
            ),
        ] as [([String: String], String, String)]
    )
    func taken(environment: [String: String], key: String, expected: String) {
        let configuration = configuration(environment)
        #expect(configuration.isAcceptable, "\(configuration.findings)")
        #expect(configuration.values.first { $0.key == key }?.text == expected)
    }

    @Test("reports where a value was set: in the variable, or on the line of the file")
    func origins() {
        let origin = { (environment: [String: String]) in
            configuration(environment).values.first { $0.key == "storage.filesystem.rootdirectory" }?.origin
        }
        #expect(origin(["STORAGE_PATH": "/v1"]) == .environment("STORAGE_PATH"))
        #expect(origin([:]) == .file(line: 28))
    }

    @Test("reports, once, what has no counterpart and would change something")
    func withoutCounterpart() {
        #expect(
            configuration().findings.map(\.description) == [
                "issue (line 2 of the file) has no effect: the text of GET / is fixed"
            ]
        )
    }

    @Test(
        "reports each variable without effect, with the file and without",
        arguments: [
            "MIRROR_SOURCE", "STORAGE_REDIRECT", "PRIVILEGED_KEY", "SMTP_HOST", "CACHE_REDIS_HOST", "INDEX_ENDPOINT",
            "CACHE_LRU_REDIS_HOST", "SQLALCHEMY_INDEX_DATABASE", "GUNICORN_WORKERS", "NEW_RELIC_LICENSE_KEY",
            "CORS_VARY_HEADER", "CORS_METHODS", "MIRROR_TAGS_CACHE_TTL",
        ]
    )
    func variables(name: String) {
        for file in [Self.file, nil] {
            let configuration = RegistryConfiguration(file: file, environment: [name: "17"])
            let named = configuration.findings.filter { $0.description.hasPrefix("$\(name) has no effect: ") }
            #expect(named.map(\.weight) == [.warning], "\(configuration.findings)")
        }
    }

    @Test("takes CORS origins from the variable without a file, and reports those that it cannot express")
    func crossOrigin() {
        let one = RegistryConfiguration(file: nil, environment: ["CORS_ORIGINS": "'*'", "CORS_HEADERS": "[A, B]"])
        #expect(one.findings == [])
        let text = one.values.first { $0.key == "http.headers" }?.text ?? ""
        #expect(text.contains("Access-Control-Allow-Origin: [*]") && text.contains("-Headers: [A, B]"))
        let two = RegistryConfiguration(file: nil, environment: ["CORS_ORIGINS": "[https://a.test, https://b.test]"])
        #expect(two.findings.map(\.weight) == [.warning])
        #expect(two.findings.first?.description.contains("http.headers can allow one origin") == true)
    }

    @Test("ignores common variables, unless another one is docker-registry's")
    func commonVariables() {
        let common = ["DEBUG": "true", "LOGLEVEL": "debug"]
        let alone = RegistryConfiguration(file: nil, environment: common)
        #expect(alone.findings == [])
        #expect(alone.values.first { $0.key == "log.level" }?.origin == .preset)
        let beside = RegistryConfiguration(file: nil, environment: common.merging(["STORAGE_PATH": "/v1"]) { $1 })
        #expect(
            beside.findings.map(\.description) == ["$DEBUG has no effect: for more log lines, set log.level to debug"]
        )
        #expect(beside.values.first { $0.key == "log.level" }?.text == "debug")
    }

    @Test(
        "is refused where the registry would behave differently",
        arguments: [
            ("prod", "storage (line 35 of the file) is s3"), ("mine", "standalone (line 40 of the file) is false"),
            ("other", "the file has no flavor 'other': set $SETTINGS_FLAVOR to one of common, local, dev, prod, mine"),
        ]
    )
    func refused(flavor: String, beginning: String) {
        let configuration = configuration(["SETTINGS_FLAVOR": flavor])
        #expect(
            configuration.findings.contains { $0.weight == .refusal && $0.description.hasPrefix(beginning) },
            "\(configuration.findings)"
        )
    }

    @Test("has no flavor when the variable is empty, and is open when token_auth is off")
    func flat() {
        let file = "storage: local\nstorage_path: /flat\nstandalone: false\ndisable_token_auth: true\n"
        let configuration = configuration(["SETTINGS_FLAVOR": ""], file: file)
        #expect(configuration.findings == [])
        #expect(configuration.settings.storage.root == "/flat")
    }

    @Test(
        "is not confused with a file of registry:2, whatever variables are set",
        arguments: [
            "version: 0.1\nstorage: {filesystem: {rootdirectory: /v2}}", "version: 0.1\ndev: {storage_path: /v1}",
            "storage: {filesystem: {rootdirectory: /v2}}\nhttp: {addr: ':5000'}",
        ]
    )
    func otherFiles(file: String) {
        let configuration = configuration(["SETTINGS_FLAVOR": ""], file: file)
        #expect(configuration.settings.storage.root != "/v1")
        #expect(configuration.findings.isEmpty == (file.hasPrefix("version: 0.1\nstorage")))
    }

    @Test(
        "leaves deletes by v1 clients to the directory, unlike a file for registry:2",
        arguments: [
            (file, false), ("version: 0.1\nstorage: {filesystem: {rootdirectory: /v2}}", true),
            ("version: 0.1\nhttp: {addr: ':5000'}", true), ("version: 0.1\n", false),
            ("version: 0.1\nlog: {fields: {a: b}}\nhttp: {headers: {A: [b]}}", false),
        ]
    )
    func operatorsFile(file: String, expected: Bool) {
        #expect(configuration(file: file).settings.isOperatorsFile == expected)
    }

    @Test("is found through the command line, a variable of registry:2, or its own variable")
    func paths() {
        let both = ["REGISTRY_CONFIGURATION_PATH": "/two", "DOCKER_REGISTRY_CONFIG": "/one"]
        #expect(RegistryConfiguration.path("/three", environment: both) == "/three")
        #expect(RegistryConfiguration.path(nil, environment: both) == "/two")
        #expect(RegistryConfiguration.path(nil, environment: ["DOCKER_REGISTRY_CONFIG": "/one"]) == "/one")
        #expect(RegistryConfiguration.path(nil, environment: [:]) == nil)
        let unread = RegistryConfiguration(file: "version: 0.1", at: "/two", environment: both)
        #expect(unread.findings.map(\.description) == ["$DOCKER_REGISTRY_CONFIG has no effect: /one is not in use"])
        let read = RegistryConfiguration(file: Self.file, at: "/one", environment: ["DOCKER_REGISTRY_CONFIG": "/one"])
        #expect(!read.findings.contains { $0.description.contains("DOCKER_REGISTRY_CONFIG") })
    }
}
