package import ImageModel
import SystemLibraries

extension Manifest {
    /// Refuses a manifest that cannot be understood.
    package func requireSound() throws(UnderivableManifest) {
        if let fault { throw .malformed(fault) }
    }

    /// The configuration of an image.
    ///
    /// Docker 1.10 and 1.11 push some that they call `application/octet-stream` (distribution issue 1621), and engines
    /// take those of no particular type for images. What names an artifact type is none.
    /// - Throws: ``UnderivableManifest/artifact(_:)`` for what is no image.
    package func imageConfiguration() throws(UnderivableManifest) -> Descriptor {
        try requireSound()
        let types = ManifestVocabulary.allCases.map(\.configurationType)
        guard let configuration,
            types.contains(configuration.mediaType)
                || artifactType == nil && Self.unspecificTypes.contains(configuration.mediaType)
        else {
            throw .artifact(artifactType.map { MediaType($0) } ?? configuration?.mediaType ?? mediaType)
        }
        return configuration
    }

    /// What Docker takes for the type of an image's configuration beside the two that say so (`ImageTypes`).
    private static let unspecificTypes: Set<MediaType> = [.octetStream, .json, MediaType("text/html"), MediaType("")]

    /// The layers of an image as engines from before schema2 know them, bottom first: tars, all of which the registry holds.
    ///
    /// - Throws: ``UnderivableManifest`` for what is no image, and for layers that live elsewhere or are no tars.
    package func heldLayers() throws(UnderivableManifest) -> [Digest] {
        _ = try imageConfiguration()
        for layer in layers where !layer.mediaType.description.isEmpty {
            guard let type = LayerMediaType(layer.mediaType) else { throw .foreignContent(layer.mediaType) }
            guard !type.isForeign else { throw .layerElsewhere(layer.digest) }
        }
        return layers.map(\.digest)
    }

    /// The layers that clients from before OCI cannot read, each once: those compressed by zstd.
    package var layersToRecompress: [Descriptor] {
        var seen: Set<Digest> = []
        return layers.filter { layer in
            guard let type = LayerMediaType(layer.mediaType), !type.isForeign else { return false }
            return type.compression == .zstd && seen.insert(layer.digest).inserted
        }
    }

    /// The entry of a list that is for a platform.
    ///
    /// One that is exactly so goes before one of any variant, and that before one that does not say what it is for.
    /// - Throws: ``UnderivableManifest/noEntry(_:)``.
    package func entry(for platform: Platform) throws(UnderivableManifest) -> PlatformDescriptor {
        try requireSound()
        let images = imageEntries
        let suited = images.filter {
            $0.platform?.os == platform.os && $0.platform?.architecture == platform.architecture
        }
        let variants = platform.variant == nil ? suited : suited.filter { $0.platform?.variant == nil }
        guard
            let entry = suited.first(where: { $0.platform == platform }) ?? variants.first
                ?? images.first(where: { $0.platform == nil })
        else { throw .noEntry(platform) }
        return entry
    }

    /// The entries of a list without what are no images: artifacts, attestations, and blobs such as those of BuildKit's
    /// caches.
    package var imageEntries: [PlatformDescriptor] {
        manifests.filter { entry in
            entry.isManifest && entry.artifactType == nil && !entry.isReference
                && entry.platform != Platform(os: "unknown", architecture: "unknown")
        }
    }
}

extension PlatformDescriptor {
    /// Whether its type is a manifest's, or not said.
    fileprivate var isManifest: Bool {
        descriptor.mediaType.description.isEmpty || Manifest.Kind(descriptor.mediaType) != .other
    }
}

extension Descriptor {
    /// The same content under another type.
    func declared(as mediaType: MediaType) -> Descriptor {
        Descriptor(mediaType: mediaType, digest: digest, size: size, urls: urls)
    }
}
