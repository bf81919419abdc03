import ArgumentParser
import RegistryCore

/// What the operator may choose about v1 clients and v1 trees.
struct LegacyOptions: ParsableArguments {
    @Option(
        name: .customLong("legacy-convert"),
        help: ArgumentHelp(
            "When v1 images become images of v2: background, on-access (when they are asked for) or off.",
            valueName: "when"
        )
    )
    var conversion: LegacySettings.Conversion?

    @Option(
        name: .customLong("legacy-conversion-wait"),
        help: ArgumentHelp(
            "How long a request waits for a conversion before it is told to come back.",
            valueName: "seconds"
        )
    )
    var conversionWait = 50

    @Option(
        name: .customLong("legacy-enabled"),
        help: ArgumentHelp("What v1 clients may do: true (push and pull), read-only or false.", valueName: "what")
    )
    var access = LegacySettings.Access.enabled

    @Option(
        name: .customLong("legacy-delete"),
        help: ArgumentHelp(
            "Whether v1 clients may delete. Unless said: where docker-registry has been, or with --delete.",
            valueName: "true|false"
        )
    )
    var deletes: Bool?

    @Flag(name: .customLong("search"), inversion: .prefixedNo, help: "Whether `docker search` is answered.")
    var isSearchEnabled = true

    @Flag(
        name: .customLong("hide-v2"),
        inversion: .prefixedNo,
        help: "Whether Docker up to 1.5, which cannot use it, is told that there is no v2 here."
    )
    var hidesV2 = true

    func validate() throws {
        guard (1...3600).contains(conversionWait) else {
            throw ValidationError("--legacy-conversion-wait takes 1 to 3600 seconds.")
        }
    }

    /// - Parameter isBackgroundSafe: Whether everything may be converted unasked: it takes next to no space.
    func settings(isBackgroundSafe: Bool) -> LegacySettings {
        LegacySettings(
            conversion: conversion ?? (isBackgroundSafe ? .background : .onAccess),
            conversionWait: .seconds(conversionWait),
            access: access,
            isSearchEnabled: isSearchEnabled,
            hidesV2UpTo: hidesV2 ? .lastWithoutUsableV2 : nil
        )
    }
}

extension LegacySettings.Conversion: ExpressibleByArgument {}
extension LegacySettings.Access: ExpressibleByArgument {}
