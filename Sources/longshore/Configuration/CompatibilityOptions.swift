import ArgumentParser
import RegistryCore
import Settings

/// Command-line options for clients that cannot use images as stored.
struct CompatibilityOptions: ParsableArguments {
    @Flag(
        name: .customLong("compatibility-schema1"),
        inversion: .prefixedNo,
        help: "Convert images to schema1 for Docker 1.6 to 1.9."
    )
    var offersSchema1: Bool?

    @Option(
        name: .customLong("compatibility-platform"),
        help: ArgumentHelp(
            "The platform served to clients that do not support multi-platform images: OS/ARCHITECTURE[/VARIANT].",
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

    /// The configuration keys set by these options.
    var keys: [RegistryConfiguration.Option] {
        [
            offersSchema1.map {
                .init("--\($0 ? "" : "no-")compatibility-schema1", "compatibility.schema1.enabled", "\($0)")
            },
            platform.map { .init("--compatibility-platform", "compatibility.platform", $0) },
        ].compactMap { $0 }
    }
}
