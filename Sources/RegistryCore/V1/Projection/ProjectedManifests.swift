import Conversion
import ImageModel
import NIOCore
import Storage

/// The manifests of v2 as chains of v1 images, computed from their files.
struct ProjectedManifests: Sendable {
    private let configurations: ImageConfigurations
    private let manifests: Manifests
    private let platform: Platform
    private let damage: DamageLog

    /// How deeply lists may name lists.
    private static let depthLimit = 4

    /// - Parameter platform: Whose image an index or a manifest list is to an engine that knows neither.
    init(blobs: Blobs, manifests: Manifests, platform: Platform, damage: DamageLog) {
        self.configurations = ImageConfigurations(blobs: blobs)
        self.damage = damage
        self.manifests = manifests
        self.platform = platform
    }

    /// The chain of a manifest; nil for what is no image, or not here, and for an image whose layers are not all held.
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
            try manifest.requireSound()
            if let schema1 = manifest.schema1 { return PlacedChain(try ProjectedChain(schema1)) }
            if !manifest.manifests.isEmpty {
                guard depth < Self.depthLimit else { return nil }
                let entry = try manifest.entry(for: platform).descriptor.digest
                return try await chain(of: entry, in: name, depth: depth + 1)
            }
            let layers = try manifest.heldLayers()
            let configuration = try await configurations.read(of: manifest)
            return try await HeavyWork.parsing(configuration.count) { () throws(UnprojectableImage) in
                try PlacedChain(configuration: configuration, layers: layers)
            }
        } catch let error as UnprojectableImage {
            damage.note(error, of: digest.description, in: name.description)
            return nil
        } catch let error as UnderivableManifest {
            switch error {
            case .malformed, .unusableConfiguration: damage.note(error, of: digest.description, in: name.description)
            default: break
            }
            return nil
        }
    }
}

/// The chain of v1 images that a manifest is.
struct PlacedChain: Sendable {
    private enum Source: Sendable {
        case schema1(ProjectedChain)
        case image(configuration: [UInt8], layers: [Digest])
    }

    /// The images' ids, the root first; never none.
    let ids: [V1ImageID]
    private let source: Source

    /// The chain in a schema1 manifest.
    init(_ chain: ProjectedChain) {
        ids = chain.images.map(\.id)
        source = .schema1(chain)
    }

    /// The chain that a schema2 or OCI image is seen as.
    init(configuration: [UInt8], layers: [Digest]) throws(UnprojectableImage) {
        ids = try ProjectedChain.ids(configuration: configuration, layers: layers)
        source = .image(configuration: configuration, layers: layers)
    }

    /// Whether the ids are an engine's own, as schema1 has them, and not the hash of what they name.
    var hasOwnIDs: Bool {
        switch source {
        case .schema1: true
        case .image: false
        }
    }

    /// The images, the root first: made when they are asked for, as a list of tags needs ids alone.
    func images() throws(UnprojectableImage) -> [ProjectedImage] {
        switch source {
        case .schema1(let chain): chain.images
        case .image(let configuration, let layers):
            try ProjectedChain(configuration: configuration, layers: layers).images
        }
    }
}
