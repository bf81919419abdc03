/// What the operator chose about v1 clients and v1 trees.
package struct V1Settings: Sendable {
    /// When v1 images become images of v2.
    package enum Conversion: String, Sendable, CaseIterable {
        /// When they are pushed or asked for, and all others in the background.
        case background
        /// When they are pushed or asked for.
        case onAccess = "on-access"
        /// Never: what v1 clients push stays theirs.
        case off
    }

    /// What v1 clients may do.
    package enum Access: String, Sendable, CaseIterable {
        /// Push and pull.
        case enabled = "true"
        /// Pull.
        case readOnly = "read-only"
        /// Nothing: there is no v1 here.
        case disabled = "false"
    }

    /// When v1 images become images of v2.
    package var conversion: Conversion
    /// How long a request waits for a conversion: less than the 60 s after which proxies cut.
    package var conversionWait: Duration
    /// What v1 clients may do.
    package var access: Access
    /// Whether `/v1/search` is there.
    package var isSearchEnabled: Bool
    /// The latest Docker that is not told of v2, since it has v2 and cannot use ours; nil tells all.
    package var hidesV2UpTo: DockerRelease?

    package init(
        conversion: Conversion = .onAccess,
        conversionWait: Duration = .seconds(50),
        access: Access = .enabled,
        isSearchEnabled: Bool = true,
        hidesV2UpTo: DockerRelease? = .lastWithoutUsableV2
    ) {
        self.conversion = conversion
        self.conversionWait = conversionWait
        self.access = access
        self.isSearchEnabled = isSearchEnabled
        self.hidesV2UpTo = hidesV2UpTo
    }
}

extension V1Settings {
    /// Whether a client is to believe that there is no v2 here: a Docker that would use it and fail.
    package func hidesV2(from agent: ClientAgent) -> Bool {
        guard let limit = hidesV2UpTo, access != .disabled else { return false }
        return agent.isEarlyProbe || agent.docker.map { $0 <= limit } ?? false
    }
}
