/// All keys: those of registry:2's configuration, version 0.1, and ours.
enum RegistryKeys {
    static let all: [Key] =
        [
            .text("version"), log, .init("loglevel", .value(.choice(levels), preset: nil)), storage, auth, http,
            health,
            .section("catalog", [Key("maxentries", .value(.number(.min ... .max), preset: "1000"))]), compatibility,
            validation, notifications,
        ] + LongshoreKeys.all + foreign

    private static let levels = ["error", "warn", "info", "debug"]

    private static let log = Key.section(
        "log",
        [
            .section("accesslog", [.flag("disabled", false), .choice("format", ["fields", "combined"], "fields")]),
            .choice("level", levels, nil),
            .choice("formatter", ["text", "json", "logstash"], "text"),
            Key("fields", .textByName), .text("audit"),
            Key("hooks", .anything, .ignored("no mail is sent; set up alerts where logs are collected")),
            .flag("reportcaller", false, .unneeded),
        ]
    )

    private static let storage = Key(
        "storage",
        .kinds(
            [
                .section(
                    "filesystem",
                    [.text("rootdirectory", "/var/lib/registry"), .text("maxthreads", nil, .unneeded)]
                ),
                Key("cache", .anything, .unneeded),
                .section("delete", [.flag("enabled", nil)]),
                Key("redirect", .anything, .unneeded),
                .section(
                    "maintenance",
                    [
                        .section(
                            "uploadpurging",
                            [
                                .flag("enabled", true), .duration("age", "168h"), .duration("interval", "24h"),
                                .flag("dryrun", false),
                            ]
                        ),
                        .section("readonly", [.flag("enabled", false)]),
                        LongshoreKeys.collection, LongshoreKeys.scrub,
                    ]
                ),
                .section("tag", [.text("concurrencylimit", nil, .unneeded)]),
            ],
            refusal: "the only supported storage is filesystem"
        )
    )

    private static let auth = Key(
        "auth",
        .kinds(
            [
                .section("htpasswd", [.text("realm"), .text("path")]),
                .section(
                    "token",
                    [
                        .text("realm"), .text("service"), .text("issuer"), .text("rootcertbundle"), .text("jwks"),
                        .flag("autoredirect", false), .text("autoredirectpath"),
                        Key("signingalgorithms", .texts),
                    ]
                ),
            ],
            refusal: "the supported kinds are htpasswd and token"
        )
    )

    private static let http = Key.section(
        "http",
        [
            .text("addr", ":5000"), .choice("net", ["tcp", "tcp4", "tcp6", "unix"], "tcp"), .text("host"),
            .text("prefix", "/"), Key("secret", .value(.text, preset: nil), .unneeded, isSecret: true),
            .flag("relativeurls", false), .duration("draintimeout", "30s"), tls, Key("headers", .textsByName),
            .section(
                "debug",
                [.text("addr"), .section("prometheus", [.flag("enabled", false), .text("path", "/metrics")])]
            ),
            LongshoreKeys.limits, .section("ui", [.flag("enabled", nil)]),
            .section("http2", [.flag("disabled", false)]),
            .section("h2c", [.flag("enabled", false, .ignored("HTTP/2 is supported only over TLS"))]),
        ]
    )

    private static let tls = Key.section(
        "tls",
        [
            .text("certificate"), .text("key"), Key("clientcas", .texts),
            .choice("minimumtls", ["tls1.0", "tls1.1", "tls1.2", "tls1.3"], nil), Key("ciphersuites", .texts),
            .choice("plain", ["allow", "redirect", "refuse"], "refuse"),
            .choice("profile", ["default", "old"], "default"),
            Key("letsencrypt", .anything, .refused("ACME is not supported; set certificate and key")),
        ]
    )

    private static let compatibility = Key.section(
        "compatibility",
        [
            .section(
                "schema1",
                [
                    .flag("enabled", true),
                    Key(
                        "signingkeyfile",
                        variable: "TRUSTKEY",
                        .value(.text, preset: nil),
                        .ignored("manifests are signed with longshore/key.pem in the root directory")
                    ),
                ]
            ),
            .text("platform", "linux/amd64"),
        ]
    )

    private static let validation = Key.section(
        "validation",
        [
            .flag("enabled", false, .unneeded), .flag("disabled", false, .unneeded),
            .section(
                "manifests",
                [
                    .section(
                        "urls",
                        [
                            Key("allow", .texts, .refused("filtering manifests by URL is not implemented yet")),
                            Key("deny", .texts, .refused("filtering manifests by URL is not implemented yet")),
                        ]
                    ),
                    .section(
                        "indexes",
                        [
                            .choice("platforms", ["all", "none", "list"], "all"),
                            Key("platformlist", .sections([.text("architecture"), .text("os")])),
                        ]
                    ),
                ]
            ),
        ]
    )

    private static let notifications = Key.section(
        "notifications",
        [
            Key("events", variable: "EVENTCONFIG", .section([.flag("includereferences", false)])),
            Key(
                "endpoints",
                .sections([
                    .text("name"), .flag("disabled", false), .text("url"),
                    // Often with a token for the receiver.
                    Key("headers", .textsByName, isSecret: true), .duration("timeout", nil),
                    .number("threshold", 0...1 << 20, nil), .duration("backoff", nil),
                    Key("ignoredmediatypes", .texts),
                    .section("ignore", [Key("mediatypes", .texts), Key("actions", .texts)]),
                ])
            ),
        ]
    )

    /// The keys of registry:2 that have no counterpart here.
    private static let foreign: [Key] = [
        Key("middleware", .anything, .refused("middleware is not supported")),
        .section(
            "proxy",
            [
                .text("remoteurl", nil, .refused("pull-through caches are not implemented yet")),
                .text("username", nil, .unneeded),
                Key("password", .value(.text, preset: nil), .unneeded, isSecret: true),
                .text("ttl", nil, .unneeded),
            ]
        ),
        Key("redis", .anything, .ignored("no redis is needed")),
        Key("reporting", .anything, .ignored("errors are only logged")),
        Key("policy", .anything, .refused("repository classes are not supported")),
    ]

    private static let health = Key.section(
        "health",
        [
            .section("storagedriver", [.flag("enabled", false), .duration("interval", "10s"), threshold("0")]),
            Key(
                "file",
                variable: "FILECHECKERS",
                .sections([.text("file"), .duration("interval", nil), threshold(nil)])
            ),
            Key(
                "http",
                variable: "HTTPCHECKERS",
                .sections([
                    .text("uri"), Key("headers", .textsByName), .duration("timeout", nil),
                    .number("statuscode", 0...999, nil), .duration("interval", nil), threshold(nil),
                ])
            ),
            Key(
                "tcp",
                variable: "TCPCHECKERS",
                .sections([.text("addr"), .duration("timeout", nil), .duration("interval", nil), threshold(nil)])
            ),
        ]
    )

    private static func threshold(_ preset: String?) -> Key { .number("threshold", 0...1 << 20, preset) }
}

/// The sections that decide about access and about the content served.
///
/// An unknown key meant for one of them is refused: ignoring it could open a registry that was to be closed, or serve
/// something else.
enum DecisiveSections {
    private static let names = [
        "auth", "access", "access-groups", "http.tls", "storage", "proxy", "middleware", "legacy", "immutable",
        "retention",
    ]

    /// Whether a full key is one of these sections or inside one.
    static func hold(_ key: String) -> Bool { names.contains { key == $0 || key.hasPrefix($0 + ".") } }

    /// The same for a key as named in variables, without the prefix.
    static func holdVariable(_ name: String) -> Bool {
        names.map { $0.uppercased().replacing(".", with: "_").replacing("-", with: "") }
            .contains { name == $0 || name.hasPrefix($0 + "_") }
    }
}
