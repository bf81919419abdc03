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

    /// Takes a platform in the words of an operator: `linux/amd64`, `linux/arm/v7`; nil if it is none.
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

/// Which manifests of an index must be here before it is accepted: `validation.manifests.indexes` of registry 3.
package enum IndexCompleteness: Sendable, Equatable {
    /// Every one.
    case all
    /// None: an index may name what is elsewhere.
    case none
    /// Those for one of these platforms, told by operating system and processor alone. Every one where the list is empty.
    case platforms([Platform])

    /// The manifests of an index that must be here, each once, in the order of their digests.
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
