package import ImageModel

/// The manifest format of an image.
package enum ImageFormat: String, Sendable, CaseIterable, Codable {
    /// Docker's image manifest, version 2, schema 2: supported by Docker since 1.10.
    case schema2
    /// OCI's image manifest: supported by Docker since 20.10.
    case oci

    /// The media type of the manifest.
    package var manifestType: MediaType { vocabulary.imageType }

    /// The media type of the configuration. Its bytes, and therefore the image's id, are the same in both formats.
    package var configurationType: MediaType { vocabulary.configurationType }

    /// The vocabulary of the manifest.
    var vocabulary: ManifestVocabulary {
        switch self {
        case .schema2: .docker
        case .oci: .oci
        }
    }

    /// The descriptor of a layer in a manifest of this format.
    func layer(_ layer: Descriptor) -> Descriptor {
        guard let mediaType = LayerMediaType(layer.mediaType)?.mediaType(in: vocabulary) else { return layer }
        return Descriptor(mediaType: mediaType, digest: layer.digest, size: layer.size)
    }
}
