import Conversion
import ImageModel
import NIOCore
import Storage

/// Presents v2 manifests as chains of v1 images, computed from their content.
struct ProjectedManifests: Sendable {
    private let configurations: ImageConfigurations
    private let manifests: Manifests
    private let platform: Platform
    private let damage: DamageLog

    /// The size up to which documents are kept as long as their chain. Many chains are built at the same time.
    fileprivate static let keptByteCount = HeavyWork.smallDocumentByteCount
    /// The maximum nesting of indexes.
    private static let depthLimit = 4

    /// - Parameter platform: The platform whose image stands for an index or manifest list: v1 knows neither.
    init(blobs: Blobs, manifests: Manifests, platform: Platform, damage: DamageLog) {
        self.configurations = ImageConfigurations(blobs: blobs)
        self.damage = damage
        self.manifests = manifests
        self.platform = platform
    }

    /// The chain of a manifest; nil if it is not an image, not in the repository, or has foreign layers.
    func chain(of place: ProjectionIndex.Place) async throws -> PlacedChain? {
        try await DocumentScope.reading { try await chain(of: place.manifest, in: place.name, depth: 0) }
    }

    /// The images of a chain, root first; nil if they can no longer be read.
    func images(of chain: PlacedChain) async throws -> [ProjectedImage]? {
        if let content = chain.content { return try content.images() }
        return try await DocumentScope.reading {
            let place = chain.place
            let again = try await self.chain(of: place.manifest, in: place.name, depth: 0, keepsContent: true)
            return try again?.content?.images()
        }
    }

    private func chain(
        of digest: Digest,
        in name: RepositoryName,
        depth: Int,
        keepsContent: Bool = false
    ) async throws -> PlacedChain? {
        let place = ProjectionIndex.Place(name: name, manifest: digest)
        let manifest: Manifest
        do {
            manifest = try await manifests.read(digest, in: name)
        } catch RegistryError.manifestUnknown {
            return nil
        }
        do {
            try manifest.requireSound()
            if let schema1 = manifest.schema1 {
                return try await HeavyWork.parsing(manifest.bytes.count) { () throws(UnprojectableImage) in
                    try PlacedChain(schema1, of: place, keepsContent: keepsContent || manifest.isSmall)
                }
            }
            if !manifest.manifests.isEmpty {
                guard depth < Self.depthLimit else { return nil }
                let entry = try manifest.entry(for: platform).descriptor.digest
                return try await chain(of: entry, in: name, depth: depth + 1, keepsContent: keepsContent)
            }
            let layers = try manifest.heldLayers()
            let configuration = try await configurations.read(of: manifest)
            return try await HeavyWork.parsing(configuration.count) { () throws(UnprojectableImage) in
                try PlacedChain(
                    configuration: configuration,
                    layers: layers,
                    of: place,
                    keepsContent: keepsContent || manifest.isSmall && configuration.count <= Self.keptByteCount
                )
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

extension Manifest {
    /// Whether content derived from it may be kept while a request is handled.
    fileprivate var isSmall: Bool { bytes.count <= ProjectedManifests.keptByteCount }
}
