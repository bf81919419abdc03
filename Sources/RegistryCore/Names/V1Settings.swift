/// The operator's settings for v1 clients and v1 trees.
package struct V1Settings: Sendable {
    /// When v1 images are converted to v2.
    package enum Conversion: String, Sendable, CaseIterable {
        /// When they are pushed or requested, and all others in the background.
        case background
        /// When they are pushed or requested.
        case onAccess = "on-access"
        /// Never: what v1 clients push is only visible to them.
        case off
    }

    /// The access granted to v1 clients.
    package enum Access: String, Sendable, CaseIterable {
        /// Push and pull.
        case enabled = "true"
        /// Pull only.
        case readOnly = "read-only"
        /// None: the v1 API is disabled.
        case disabled = "false"
    }

    /// When v1 images are converted to v2.
    package var conversion: Conversion
    /// How long a request waits for a conversion: less than the 60 s after which proxies time out.
    package var conversionWait: Duration
    /// The access granted to v1 clients.
    package var access: Access
    /// Whether `/v1/search` is enabled.
    package var isSearchEnabled: Bool
    /// The latest Docker release from which v2 is hidden, because it would try v2 and fail; nil hides it from none.
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
    /// Whether v2 is hidden from a client: a Docker that would use it and fail.
    package func hidesV2(from agent: ClientAgent) -> Bool {
        guard let limit = hidesV2UpTo, access != .disabled else { return false }
        return agent.isEarlyProbe || agent.docker.map { $0 <= limit } ?? false
    }
}
