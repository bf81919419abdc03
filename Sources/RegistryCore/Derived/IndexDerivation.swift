import Conversion
import ImageModel
import NIOCore
import Storage

/// Converts indexes, image by image. Images without the requested form are left out.
struct IndexDerivation: Sendable {
    /// The maximum number of images in a converted index: each of them must be read.
    private static let entryLimit = 1000

    /// The result for one entry.
    private enum Entry {
        case image(Descriptor)
        /// It has no such form.
        case noImage
        /// It is missing or damaged; a repair would change these files.
        case leftOut(Observation)
    }

    private let storage: RecentStorage
    private let manifests: Manifests
    private let damage: DamageLog

    init(_ storage: RecentStorage, manifests: Manifests, damage: DamageLog) {
        self.storage = storage
        self.manifests = manifests
        self.damage = damage
    }

    /// Converts an index. Entries that are not images, are missing or cannot be read are left out.
    ///
    /// - Parameter image: Converts one image; nil if it has no such form.
    /// - Returns: The index, and the files of the damaged entries that were left out; nil if there are none.
    func index(
        of manifest: Manifest,
        in vocabulary: ManifestVocabulary,
        _ repository: RepositoryName,
        of image: (ServedManifest) async throws -> ServedManifest?
    ) async throws -> (DerivedManifest, leftOut: Observation?) {
        guard manifest.imageEntries.count <= Self.entryLimit else {
            throw UnderivableManifest.tooManyImages(limit: Self.entryLimit)
        }
        var images: [Digest: Descriptor] = [:]
        var leftOut: Observation?
        for entry in manifest.imageEntries {
            let digest = entry.descriptor.digest
            switch try await self.entry(digest, in: vocabulary, repository, of: image) {
            case .image(let image): images[digest] = image
            case .noImage: break
            case .leftOut(let files):
                if leftOut == nil { leftOut = files } else { leftOut?.add(files) }
            }
        }
        return (try DerivedManifest(index: manifest, in: vocabulary, of: images), leftOut)
    }

    private func entry(
        _ digest: Digest,
        in vocabulary: ManifestVocabulary,
        _ repository: RepositoryName,
        of image: (ServedManifest) async throws -> ServedManifest?
    ) async throws -> Entry {
        // Observed first, so that a repair in the meantime is noticed later.
        let files = [V2Layout.revisionLink(digest, in: repository), V2Layout.blobData(digest)]
        let sources = try await storage.observe(files)
        do {
            let child = ServedManifest(try await manifests.read(digest, in: repository), digest: digest, in: repository)
            if child.mediaType == vocabulary.imageType { return .image(child.descriptor) }
            guard [.schema2, .ociManifest].contains(Manifest.Kind(child.mediaType)) else { return .noImage }
            return try await image(child).map { .image($0.descriptor) } ?? .noImage
        } catch {
            switch FormFailure(error) {
            case .impossible: return .noImage
            case .damaged(_, let objects): return .leftOut(try await storage.observe(objects))
            case .absent: return .leftOut(sources)
            case .failed(.storage(let error)) where error.isOfOneObject:
                damage.note(error, of: digest.description, in: repository.description)
                return .leftOut(sources)
            case .failed(let error): throw error
            }
        }
    }
}

extension ServedManifest {
    /// The descriptor of the manifest for an index.
    fileprivate var descriptor: Descriptor {
        Descriptor(mediaType: mediaType, digest: digest, size: Int64(content.readableBytes))
    }
}
