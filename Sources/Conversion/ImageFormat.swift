package import ImageModel

/// The kind of manifest that an image is given.
package enum ImageFormat: String, Sendable, CaseIterable, Codable {
    /// Docker's image manifest, version 2, schema 2: Docker since 1.10 reads it.
    case schema2
    /// OCI's image manifest: Docker since 20.10 reads it.
    case oci

    /// The media type of the manifest.
    package var manifestType: MediaType {
        switch self {
        case .schema2: .schema2
        case .oci: .ociManifest
        }
    }

    /// The media type of the configuration. Its bytes, and with them the image's id, are the same in both.
    package var configurationType: MediaType {
        switch self {
        case .schema2: .dockerConfiguration
        case .oci: .ociConfiguration
        }
    }

    /// A layer as a manifest of this format names it.
    func layer(_ layer: Descriptor) -> Descriptor {
        guard self == .oci else { return layer }
        let mediaType: MediaType =
            switch layer.mediaType {
            case .dockerLayerGzip: MediaType("application/vnd.oci.image.layer.v1.tar+gzip")
            case .dockerLayerTar: MediaType("application/vnd.oci.image.layer.v1.tar")
            default: layer.mediaType
            }
        return Descriptor(mediaType: mediaType, digest: layer.digest, size: layer.size)
    }
}
