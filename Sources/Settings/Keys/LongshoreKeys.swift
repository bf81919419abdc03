/// The keys that only Longshore has.
enum LongshoreKeys {
    /// Limits for all clients together: `http.limits`.
    static let limits = Key.section(
        "limits",
        [
            .number("connections", 1...1 << 24, nil), .number("streams", 1...1 << 24, "2000"),
            .number("uploads", 1...1 << 24, "10000"), .number("images", 1...1 << 24, "10000"),
        ]
    )

    /// Garbage collection: `storage.maintenance.collection`.
    static let collection = Key.section(
        "collection",
        [
            .flag("enabled", false), .duration("interval", "24h"), .duration("grace", "24h"),
            Key("untagged", .value(.durationOr("keep"), preset: "keep")),
            .section(
                "limit",
                [.number("objects", 1...1 << 24, "1000"), .number("megabytes", 1...1 << 24, "1024")]
            ),
        ]
    )

    /// The verification of everything stored: `storage.maintenance.scrub`.
    static let scrub = Key.section("scrub", [.flag("enabled", false), .number("rate", 1...1 << 20, "8")])

    static let all: [Key] = [
        .section(
            "legacy",
            [
                .choice("enabled", ["true", "read-only", "false"], "true"), .flag("search", true),
                .flag("search-without-login", false), .choice("convert", ["background", "on-access", "off"], nil),
                .duration("conversion-wait", "50s"), .text("hide-v2-from", "1.5"),
                .choice("delete", ["true", "false"], nil),
            ]
        ),
        .section("mounts", [.flag("anonymous", true)]),
        .section(
            "layers",
            [
                .number("maxsize", 1...1 << 20, "256"), .number("maxexpansion", 1...1 << 20, "200"),
                .duration("maxtime", "1h"),
            ]
        ),
        Key(
            "access",
            .sections([
                Key("users", .texts), Key("groups", .texts), .flag("anonymous", false), Key("repositories", .texts),
                Key("actions", .texts),
            ])
        ),
        Key("access-groups", .anything),
        Key("immutable", .sections([Key("repositories", .texts), Key("tags", .texts)])),
        Key(
            "retention",
            .sections([
                Key("repositories", .texts),
                .section(
                    "keep",
                    [.number("last", 1...1 << 24, nil), .duration("younger", nil), Key("tags", .texts)]
                ),
                .duration("untagged", nil),
            ])
        ),
    ]
}
