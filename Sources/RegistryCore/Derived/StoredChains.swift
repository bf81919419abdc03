import Conversion
import ImageModel
import Storage

/// The stored chains of images that were pushed through v1. They keep their ids and JSONs in schema1.
struct StoredChains: Sendable {
    private let tree: V1Tree
    private let joiner: TagJoiner
    private let origins: ManifestOrigins

    init(parts: RegistryParts) {
        self.tree = parts.tree
        self.joiner = parts.joiner
        self.origins = parts.origins
    }

    /// The v1 image a manifest was converted from; nil if there is none, or it is gone.
    ///
    /// Several images may convert to the same manifest: the tag's own is preferred to the one recorded first.
    func top(of source: ServedManifest, tag: Tag) async throws -> V1ImageID? {
        guard let top = try await image(of: source, tag: tag), try await tree.hasJSON(top) else { return nil }
        return top
    }

    /// The chain of the v1 image a manifest was converted from; nil if it is no longer complete.
    func chain(of manifest: Manifest, from top: V1ImageID) async throws -> ProjectedChain? {
        do {
            let images = try await V1Chain(of: top, in: tree).images
            guard images.count == manifest.layers.count else { return nil }
            return ProjectedChain(stored: zip(images, manifest.layers).map { ($0, $1.digest) })
        } catch is DamagedImage {
            return nil
        }
    }

    private func image(of source: ServedManifest, tag: Tag) async throws -> V1ImageID? {
        if let record = try await joiner.record(of: tag, in: source.repository), record.manifest == source.digest,
            let image = record.image
        {
            return image
        }
        return try await origins.image(of: source.digest)
    }
}
