package import ImageModel
import SystemLibraries

extension Manifest {
    /// Fails if the manifest cannot be interpreted.
    package func requireSound() throws(UnderivableManifest) {
        if let fault { throw .malformed(fault) }
    }

    /// The configuration of an image.
    ///
    /// Docker 1.10 and 1.11 push some with the type `application/octet-stream` (distribution issue 1621), and engines
    /// treat manifests with generic configuration types as images, unless they have an artifact type.
    /// - Throws: ``UnderivableManifest/artifact(_:)`` if it is not an image.
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

    /// Generic configuration types that Docker accepts for images, apart from the two specific ones (`ImageTypes`).
    private static let unspecificTypes: Set<MediaType> = [.octetStream, .json, MediaType("text/html"), MediaType("")]

    /// The layers of an image for engines that predate schema2, bottom first: tars that are all stored in the registry.
    ///
    /// - Throws: ``UnderivableManifest`` if it is not an image, or has foreign layers or layers that are not tars.
    package func heldLayers() throws(UnderivableManifest) -> [Digest] {
        _ = try imageConfiguration()
        for layer in layers where !layer.mediaType.description.isEmpty {
            guard let type = LayerMediaType(layer.mediaType) else { throw .foreignContent(layer.mediaType) }
            guard !type.isForeign else { throw .layerElsewhere(layer.digest) }
        }
        return layers.map(\.digest)
    }

    /// The layers that clients that predate OCI cannot read, without duplicates: those compressed with zstd.
    package var layersToRecompress: [Descriptor] {
        var seen: Set<Digest> = []
        return layers.filter { layer in
            guard let type = LayerMediaType(layer.mediaType), !type.isForeign else { return false }
            return type.compression == .zstd && seen.insert(layer.digest).inserted
        }
    }

    /// The entry of a list for a platform.
    ///
    /// An exact match is preferred to one with any variant, and that to an entry without a platform.
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

    /// The image entries of a list, without artifacts, attestations, and blobs such as those of BuildKit caches.
    package var imageEntries: [PlatformDescriptor] {
        manifests.filter { entry in
            entry.isManifest && entry.artifactType == nil && !entry.isReference
                && entry.platform != Platform(os: "unknown", architecture: "unknown")
        }
    }
}

extension PlatformDescriptor {
    /// Whether its type is a manifest type, or absent.
    fileprivate var isManifest: Bool {
        descriptor.mediaType.description.isEmpty || Manifest.Kind(descriptor.mediaType) != .other
    }
}

extension Descriptor {
    /// The same content under another media type.
    func declared(as mediaType: MediaType) -> Descriptor {
        Descriptor(mediaType: mediaType, digest: digest, size: size, urls: urls)
    }
}
