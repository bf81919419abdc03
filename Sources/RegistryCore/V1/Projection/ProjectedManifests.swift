import Conversion
import ImageModel
import NIOCore
import Storage

/// The manifests of v2 as chains of v1 images, computed from their files.
struct ProjectedManifests: Sendable {
    private let blobs: Blobs
    private let manifests: Manifests
    private let platform: Platform

    /// How deeply lists may name lists.
    private static let depthLimit = 4

    /// - Parameter platform: Whose image an index or a manifest list is to an engine that knows neither.
    init(blobs: Blobs, manifests: Manifests, platform: Platform) {
        self.blobs = blobs
        self.manifests = manifests
        self.platform = platform
    }

    /// The chain of a manifest; nil for what is no image, or not here.
    func chain(of place: ProjectionIndex.Place) async throws -> PlacedChain? {
        try await chain(of: place.manifest, in: place.name, depth: 0)
    }

    private func chain(of digest: Digest, in name: RepositoryName, depth: Int) async throws -> PlacedChain? {
        let manifest: Manifest
        do {
            manifest = try await manifests.read(digest, in: name)
        } catch RegistryError.manifestUnknown {
            return nil
        }
        do {
            if let schema1 = manifest.schema1 { return PlacedChain(try ProjectedChain(schema1), hasOwnIDs: true) }
            if !manifest.manifests.isEmpty {
                guard depth < Self.depthLimit else { return nil }
                let entry = try manifest.entry(for: platform).descriptor.digest
                return try await chain(of: entry, in: name, depth: depth + 1)
            }
            let configuration = try manifest.imageConfiguration()
            guard let bytes = try await blobs.read(configuration.digest, limit: SmallFile.documentLimit) else {
                return nil
            }
            let layers = manifest.layers.map(\.digest)
            return PlacedChain(
                try ProjectedChain(configuration: Array(buffer: bytes), layers: layers),
                hasOwnIDs: false
            )
        } catch is UnprojectableImage {
            return nil
        } catch is UnderivableManifest {
            return nil
        }
    }
}

/// The chain of v1 images that a manifest is.
struct PlacedChain: Sendable {
    /// The images, the root first; never none.
    let images: [ProjectedImage]
    /// Whether the ids are an engine's own, as schema1 has them, and not the hash of what they name.
    let hasOwnIDs: Bool

    init(_ chain: ProjectedChain, hasOwnIDs: Bool) {
        images = chain.images
        self.hasOwnIDs = hasOwnIDs
    }
}
