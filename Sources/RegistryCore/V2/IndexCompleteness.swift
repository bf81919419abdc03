package import ImageModel

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
