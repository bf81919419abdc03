package import ImageModel
package import SystemLibraries

/// What the media type of a layer says, in Docker's words or in OCI's.
package struct LayerMediaType: Sendable, Hashable {
    /// How the tar is compressed: not at all, by gzip or by zstd, for which alone there are types.
    package let compression: Compression
    /// Whether the layer lives elsewhere, so that a registry need not hold it.
    package let isForeign: Bool

    private static let docker = "application/vnd.docker.image.rootfs."
    private static let oci = "application/vnd.oci.image.layer."

    /// Reads the media type of a layer; nil if it is another thing.
    package init?(_ mediaType: MediaType) {
        let text = mediaType.description
        let foreign: String
        let suffix: Substring
        if text.hasPrefix(Self.docker) {
            foreign = "foreign."
            suffix = text.dropFirst(Self.docker.count)
        } else if text.hasPrefix(Self.oci) {
            foreign = "nondistributable."
            suffix = text.dropFirst(Self.oci.count)
        } else {
            return nil
        }
        isForeign = suffix.hasPrefix(foreign)
        switch isForeign ? suffix.dropFirst(foreign.count) : suffix {
        case "diff.tar", "v1.tar": compression = .none
        case "diff.tar.gzip", "v1.tar+gzip": compression = .gzip
        case "diff.tar.zstd", "v1.tar+zstd": compression = .zstd
        default: return nil
        }
    }

    /// The type in the words of one or the other.
    package func mediaType(in vocabulary: ManifestVocabulary) -> MediaType {
        let name = compression == .none ? "" : compression.rawValue
        switch vocabulary {
        case .docker:
            return MediaType("\(Self.docker)\(isForeign ? "foreign." : "")diff.tar\(name.isEmpty ? "" : ".\(name)")")
        case .oci:
            return MediaType(
                "\(Self.oci)\(isForeign ? "nondistributable." : "")v1.tar\(name.isEmpty ? "" : "+\(name)")"
            )
        }
    }
}
