/// The keys that are ours alone.
enum LongshoreKeys {
    static let all: [Key] = [
        .section(
            "legacy",
            [
                .choice("enabled", ["true", "read-only", "false"], "true"), .flag("search", true),
                .flag("search-without-login", false), .choice("convert", ["background", "on-access", "off"], nil),
                .duration("conversion-wait", "50s"), .flag("hide-v2", true),
                .choice("delete", ["true", "false"], nil),
            ]
        ),
        Key("access", .anything),
    ]
}
