import ArgumentParser
import RegistryCore

/// What the operator may choose about clients that do not take what is stored.
struct CompatibilityOptions: ParsableArguments {
    @Flag(
        name: .customLong("compatibility-schema1"),
        inversion: .prefixedNo,
        help: "Whether images are turned into schema1 for Docker 1.6 to 1.9."
    )
    var offersSchema1 = true

    @Option(
        name: .customLong("compatibility-platform"),
        help: ArgumentHelp(
            "Whose image a client gets that takes no list of platforms: OS/ARCHITECTURE[/VARIANT].",
            valueName: "platform"
        )
    )
    var platform = "linux/amd64"

    func validate() throws {
        _ = try settings
    }

    /// What was chosen.
    var settings: CompatibilitySettings {
        get throws {
            guard let settings = CompatibilitySettings(offersSchema1: offersSchema1, platform: platform) else {
                throw ValidationError("--compatibility-platform takes a platform such as linux/amd64 or linux/arm/v7.")
            }
            return settings
        }
    }
}
