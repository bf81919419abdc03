package import ImageModel

/// The operator's settings for clients that do not accept the stored format.
package struct CompatibilitySettings: Sendable {
    /// Whether conversion to schema1 is allowed: `compatibility.schema1.enabled`.
    package var offersSchema1: Bool
    /// The platform whose image a client gets if it does not accept lists: `compatibility.platform`.
    package var platform: Platform

    package init(
        offersSchema1: Bool = true,
        platform: Platform = Platform(os: "linux", architecture: "amd64")
    ) {
        self.offersSchema1 = offersSchema1
        self.platform = platform
    }

    /// Parses a platform as operators write it: `linux/amd64`, `linux/arm/v7`; returns nil if it is malformed.
    package init?(offersSchema1: Bool, platform: String) {
        let parts = platform.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard (2...3).contains(parts.count), !parts.contains("") else { return nil }
        let variant = parts.count > 2 ? parts[2] : nil
        self.init(
            offersSchema1: offersSchema1,
            platform: Platform(os: parts[0], architecture: parts[1], variant: variant)
        )
    }
}

/// Which manifests of an index must exist before it is accepted: `validation.manifests.indexes` of registry 3.
package enum IndexCompleteness: Sendable, Equatable {
    /// All of them.
    case all
    /// None: an index may refer to manifests stored elsewhere.
    case none
    /// Those for one of these platforms, compared by operating system and architecture only. All if the list is empty.
    case platforms([Platform])

    /// The manifests of an index that must exist, sorted by digest, without duplicates.
    func requiredChildren(of index: Manifest) -> [Digest] {
        Set(index.manifests.filter(isRequired).map(\.descriptor.digest)).sorted()
    }

    private func isRequired(_ entry: PlatformDescriptor) -> Bool {
        switch self {
        case .all: true
        case .none: false
        case .platforms(let platforms):
            platforms.isEmpty
                || platforms.contains {
                    $0.os == entry.platform?.os && $0.architecture == entry.platform?.architecture
                }
        }
    }
}
