import ArgumentParser
import RegistryCore
import Settings

/// Command-line options for v1 clients and v1 trees.
struct V1Options: ParsableArguments {
    @Option(
        name: .customLong("legacy-convert"),
        help: ArgumentHelp(
            """
            When v1 images are converted to v2: background, on-access or off. (default: background where that takes \
            next to no space, else on-access)
            """,
            valueName: "when"
        )
    )
    var conversion: V1Settings.Conversion?

    @Option(
        name: .customLong("legacy-conversion-wait"),
        help: ArgumentHelp(
            "How long a request waits for a conversion before it fails and the client must retry. (default: 50)",
            valueName: "seconds"
        )
    )
    var conversionWait: Int?

    @Option(
        name: .customLong("legacy-enabled"),
        help: ArgumentHelp(
            "What v1 clients may do: true (push and pull), read-only or false. (default: true)",
            valueName: "what"
        )
    )
    var access: V1Settings.Access?

    @Option(
        name: .customLong("legacy-delete"),
        help: ArgumentHelp(
            """
            Whether v1 clients may delete tags and repositories. (default: true for a new directory or one of \
            docker-registry, and with --delete; storage.delete.enabled with a configuration file for registry:2)
            """,
            valueName: "true|false"
        )
    )
    var deletes: Bool?

    @Flag(
        name: .customLong("search"),
        inversion: .prefixedNo,
        help: "Serve `docker search`. (default: --search)"
    )
    var isSearchEnabled: Bool?

    @Option(
        name: .customLong("legacy-hide-v2-from"),
        help: ArgumentHelp(
            "The newest Docker version that is offered only v1, or false. (default: 1.5, the last without v2)",
            valueName: "version"
        )
    )
    var hidesV2From: String?

    func validate() throws {
        guard conversionWait.map((1...3600).contains) ?? true else {
            throw ValidationError("--legacy-conversion-wait takes 1 to 3600 seconds.")
        }
    }

    /// The configuration keys set by these options.
    var keys: [RegistryConfiguration.Option] {
        [
            conversion.map { .init("--legacy-convert", "legacy.convert", $0.rawValue) },
            conversionWait.map { .init("--legacy-conversion-wait", "legacy.conversion-wait", "\($0)s") },
            access.map { .init("--legacy-enabled", "legacy.enabled", $0.rawValue) },
            deletes.map { .init("--legacy-delete", "legacy.delete", "\($0)") },
            isSearchEnabled.map { .init($0 ? "--search" : "--no-search", "legacy.search", "\($0)") },
            hidesV2From.map { .init("--legacy-hide-v2-from", "legacy.hide-v2-from", $0) },
        ].compactMap { $0 }
    }
}

extension V1Settings.Conversion: ExpressibleByArgument {}
extension V1Settings.Access: ExpressibleByArgument {}
