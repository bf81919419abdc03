package import ImageModel

/// The media types and layout of a manifest with descriptors. The content is the same in both.
package enum ManifestVocabulary: Sendable, Hashable, CaseIterable {
    /// Docker's: schema2 and manifest list.
    case docker
    /// OCI's: image manifest and index.
    case oci

    /// The media type of an image manifest.
    package var imageType: MediaType {
        switch self {
        case .docker: .schema2
        case .oci: .ociManifest
        }
    }

    /// The media type of a list of images for several platforms.
    package var indexType: MediaType {
        switch self {
        case .docker: .manifestList
        case .oci: .ociIndex
        }
    }

    /// The media type of an image configuration.
    package var configurationType: MediaType {
        switch self {
        case .docker: .dockerConfiguration
        case .oci: .ociConfiguration
        }
    }

    /// The JSON layout: three spaces per level like Docker, or no white space like OCI tools.
    var style: JSONStyle {
        switch self {
        case .docker: .goIndented
        case .oci: .go
        }
    }

    /// Writes the members of a descriptor in the vocabulary's order.
    func write(_ descriptor: Descriptor, to writer: inout JSONWriter) {
        writer.key("mediaType")
        writer.string(descriptor.mediaType.description)
        switch self {
        case .docker:
            writeSize(descriptor, to: &writer)
            writeDigest(descriptor, to: &writer)
        case .oci:
            writeDigest(descriptor, to: &writer)
            writeSize(descriptor, to: &writer)
        }
        guard !descriptor.urls.isEmpty else { return }
        writer.key("urls")
        writer.array { writer in
            for url in descriptor.urls { writer.string(url) }
        }
    }

    private func writeSize(_ descriptor: Descriptor, to writer: inout JSONWriter) {
        writer.key("size")
        writer.integer(descriptor.size)
    }

    private func writeDigest(_ descriptor: Descriptor, to writer: inout JSONWriter) {
        writer.key("digest")
        writer.string(descriptor.digest.description)
    }
}
