package import ImageModel
package import SystemLibraries

/// The meaning of a layer's media type, in Docker's or OCI's vocabulary.
package struct LayerMediaType: Sendable, Hashable {
    /// The compression of the tar: none, gzip or zstd, the only ones with media types.
    package let compression: Compression
    /// Whether the layer is stored elsewhere, so that a registry need not have it.
    package let isForeign: Bool

    private static let docker = "application/vnd.docker.image.rootfs."
    private static let oci = "application/vnd.oci.image.layer."

    /// Parses the media type of a layer; nil if it is not a layer's.
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

    /// The media type in either vocabulary.
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
