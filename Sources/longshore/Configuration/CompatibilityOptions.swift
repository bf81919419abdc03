import ArgumentParser
import RegistryCore
import Settings

/// What the operator may choose about clients that do not take what is stored.
struct CompatibilityOptions: ParsableArguments {
    @Flag(
        name: .customLong("compatibility-schema1"),
        inversion: .prefixedNo,
        help: "Whether images are turned into schema1 for Docker 1.6 to 1.9."
    )
    var offersSchema1: Bool?

    @Option(
        name: .customLong("compatibility-platform"),
        help: ArgumentHelp(
            "Whose image a client gets that takes no list of platforms: OS/ARCHITECTURE[/VARIANT].",
            valueName: "platform"
        )
    )
    var platform: String?

    func validate() throws {
        guard let platform else { return }
        guard CompatibilitySettings(offersSchema1: true, platform: platform) != nil else {
            throw ValidationError("--compatibility-platform takes a platform such as linux/amd64 or linux/arm/v7.")
        }
    }

    /// The keys of the configuration that were set.
    var keys: [RegistryConfiguration.Option] {
        [
            offersSchema1.map {
                .init("--\($0 ? "" : "no-")compatibility-schema1", "compatibility.schema1.enabled", "\($0)")
            },
            platform.map { .init("--compatibility-platform", "compatibility.platform", $0) },
        ].compactMap { $0 }
    }
}
