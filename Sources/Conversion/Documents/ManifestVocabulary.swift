package import ImageModel

/// Whose media types and layout a manifest with descriptors has: the contents are alike.
package enum ManifestVocabulary: Sendable, Hashable, CaseIterable {
    /// Docker's: schema2 and manifest list.
    case docker
    /// OCI's: image manifest and index.
    case oci

    /// The type of an image's manifest.
    package var imageType: MediaType {
        switch self {
        case .docker: .schema2
        case .oci: .ociManifest
        }
    }

    /// The type of a list of images for several platforms.
    package var indexType: MediaType {
        switch self {
        case .docker: .manifestList
        case .oci: .ociIndex
        }
    }

    /// The type of an image's configuration.
    package var configurationType: MediaType {
        switch self {
        case .docker: .dockerConfiguration
        case .oci: .ociConfiguration
        }
    }

    /// How JSON is laid out: three spaces a level as Docker writes it, or without white space as OCI's tools do.
    var style: JSONStyle {
        switch self {
        case .docker: .goIndented
        case .oci: .go
        }
    }

    /// Writes the members of a descriptor, in the order that each has them.
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
