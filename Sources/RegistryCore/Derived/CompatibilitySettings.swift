package import ImageModel

/// What the operator chose about clients that do not take what is stored.
package struct CompatibilitySettings: Sendable {
    /// Whether anything may be turned into schema1: `compatibility.schema1.enabled`.
    package var offersSchema1: Bool
    /// The platform whose image a client gets that takes no list: `compatibility.platform`.
    package var platform: Platform

    package init(
        offersSchema1: Bool = true,
        platform: Platform = Platform(os: "linux", architecture: "amd64")
    ) {
        self.offersSchema1 = offersSchema1
        self.platform = platform
    }
}
