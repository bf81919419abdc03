/// The keys of docker-registry 0.9's configuration, and the variables that set them in its sample configuration.
enum DockerRegistryKeys {
    /// The key set by each variable in the sample configuration. `gunicorn` and `newrelic` are not keys of the file.
    static let variables: [(name: String, key: String)] =
        [
            ("STORAGE_PATH", "storage_path"), ("SEARCH_BACKEND", "search_backend"), ("STANDALONE", "standalone"),
            ("DISABLE_TOKEN_AUTH", "disable_token_auth"), ("LOGLEVEL", "loglevel"), ("DEBUG", "debug"),
            ("INDEX_ENDPOINT", "index_endpoint"), ("STORAGE_REDIRECT", "storage_redirect"),
            ("PRIVILEGED_KEY", "privileged_key"), ("SQLALCHEMY_INDEX_DATABASE", "sqlalchemy_index_database"),
            ("MIRROR_SOURCE", "mirroring.source"), ("MIRROR_SOURCE_INDEX", "mirroring.source_index"),
            ("MIRROR_TAGS_CACHE_TTL", "mirroring.tags_cache_ttl"), ("BUGSNAG", "bugsnag"),
        ]
        + section("CACHE_REDIS_", "cache.", ["host", "port", "db", "password"])
        + section("CACHE_LRU_REDIS_", "cache_lru.", ["host", "port", "db", "password"])
        + section("SMTP_", "email_exceptions.smtp_", ["host", "port", "login", "password", "secure"])
        + section("SMTP_", "email_exceptions.", ["from_addr", "to_addr"])
        + section(
            "CORS_",
            "cors.",
            ["origins", "methods", "headers", "expose_headers", "supports_credentials", "max_age"]
        )
        + section("CORS_", "cors.", ["send_wildcard", "always_send", "automatic_options", "vary_header", "resources"])
        + section("GUNICORN_", "gunicorn.", ["workers", "graceful_timeout", "silent_timeout", "user", "group", "opts"])
        + section("GUNICORN_", "gunicorn.", ["access_log_file", "error_log_file"])
        + section("NEW_RELIC_", "newrelic.", ["license_key", "config_file", "environment"])

    /// Variables used by other programs too: reported only together with a variable specific to docker-registry.
    static let commonVariables: Set<String> = ["DEBUG", "LOGLEVEL", "BUGSNAG"]

    /// Keys of a file that are never reported: nothing is missing without them.
    static let unneeded: Set<String> = ["index_endpoint", "sqlalchemy_index_database", "disable_token_auth"]

    /// For each of these sections, the key without which the section has no effect.
    static let switches = [
        "mirroring": "mirroring.source", "cache": "cache.host", "cache_lru": "cache_lru.host",
        "email_exceptions": "email_exceptions.smtp_host", "cors": "cors.origins",
    ]

    /// Why a key or a section has no effect.
    static func reason(for key: String) -> String {
        reasons[key] ?? key.split(separator: ".").first.flatMap { reasons[String($0)] }
            ?? "it has no counterpart in Longshore"
    }

    private static let reasons = [
        "issue": "the text of GET / is fixed",
        "debug": "for more log lines, set log.level to debug",
        "storage_redirect": "layers are sent by the registry itself",
        "nginx_x_accel_redirect": "layers are sent by the registry itself",
        "privileged_key": "signed requests have no privileges; use auth and access",
        "mirroring": "Longshore does not mirror other registries",
        "cache": "no redis is needed",
        "cache_lru": "no redis is needed",
        "email_exceptions": "no mail is sent; errors are in the log",
        "bugsnag": "errors are in the log",
        "newrelic": "errors are in the log",
        "gunicorn": "one process serves all requests",
        "cors": "set the CORS header fields with http.headers",
        "index_endpoint": "Longshore is its own index",
        "sqlalchemy_index_database": "search reads the directory itself",
        "disable_token_auth": "use auth to configure logins",
    ]

    private static func section(_ prefix: String, _ path: String, _ keys: [String]) -> [(name: String, key: String)] {
        keys.map { (prefix + $0.uppercased(), path + $0) }
    }
}
