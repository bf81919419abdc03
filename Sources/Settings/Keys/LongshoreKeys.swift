/// The keys that are ours alone.
enum LongshoreKeys {
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
        Key(
            "access",
            .sections([
                Key("users", .texts), Key("groups", .texts), .flag("anonymous", false), Key("repositories", .texts),
                Key("actions", .texts),
            ])
        ),
        Key("access-groups", .anything),
    ]
}
