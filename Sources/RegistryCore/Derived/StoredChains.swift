import Conversion
import ImageModel
import Storage

/// The chains of images that came by v1, which keep their ids and JSONs in schema1 too.
struct StoredChains: Sendable {
    private let tree: V1Tree
    private let joiner: TagJoiner
    private let origins: ManifestOrigins

    init(parts: RegistryParts) {
        self.tree = parts.tree
        self.joiner = parts.joiner
        self.origins = parts.origins
    }

    /// The v1 image that a manifest was converted from; nil if it was not, or it is gone.
    ///
    /// Several may convert to one manifest: the tag's own goes before the one that was noted first.
    func top(of source: ServedManifest, tag: Tag) async throws -> V1ImageID? {
        guard let top = try await image(of: source, tag: tag), try await tree.hasJSON(top) else { return nil }
        return top
    }

    /// The chain of a v1 image that a manifest was converted from; nil if it is not whole any more.
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
