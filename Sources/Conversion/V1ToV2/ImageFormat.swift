package import ImageModel

/// The kind of manifest that an image is given.
package enum ImageFormat: String, Sendable, CaseIterable, Codable {
    /// Docker's image manifest, version 2, schema 2: Docker since 1.10 reads it.
    case schema2
    /// OCI's image manifest: Docker since 20.10 reads it.
    case oci

    /// The media type of the manifest.
    package var manifestType: MediaType { vocabulary.imageType }

    /// The media type of the configuration. Its bytes, and with them the image's id, are the same in both.
    package var configurationType: MediaType { vocabulary.configurationType }

    /// Whose media types and layout the manifest has.
    var vocabulary: ManifestVocabulary {
        switch self {
        case .schema2: .docker
        case .oci: .oci
        }
    }

    /// A layer as a manifest of this format names it.
    func layer(_ layer: Descriptor) -> Descriptor {
        guard let mediaType = LayerMediaType(layer.mediaType)?.mediaType(in: vocabulary) else { return layer }
        return Descriptor(mediaType: mediaType, digest: layer.digest, size: layer.size)
    }
}
