import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// The sources of derived manifests and blobs. There may be several for each: different manifests may convert to the
/// same one.
///
/// Each source has its own file below `sources/`, so that several can be added concurrently.
struct DerivedSources: Sendable {
    private let storage: any ObjectStorage
    private let manifests: Manifests
    private let blobs: Blobs

    init(storage: any ObjectStorage, manifests: Manifests, blobs: Blobs) {
        self.storage = storage
        self.manifests = manifests
        self.blobs = blobs
    }

    /// The sources that still exist.
    ///
    /// - Parameters:
    ///   - key: The directory of the derived manifest or blob.
    ///   - limit: The maximum number to return.
    func living(of key: ObjectKey, in name: RepositoryName, limit: Int = .max) async throws -> [DerivedSource] {
        var living: [DerivedSource] = []
        for source in try await noted(of: key) where try await isLiving(source, in: name) {
            living.append(source)
            if living.count == limit { break }
        }
        return living
    }

    /// Adds to `batch` the record of a source, and the removal of those that no longer exist.
    func add(
        _ source: DerivedSource,
        to key: ObjectKey,
        in name: RepositoryName,
        _ batch: inout WriteBatch
    ) async throws {
        let file = Self.file(of: source, below: key)
        guard try await storage.attributes(of: file) == nil else { return }
        batch.put(ByteBuffer(string: source.description), at: file)
        for other in try await noted(of: key) where try await !isLiving(other, in: name) {
            batch.remove(Self.file(of: other, below: key))
        }
    }

    /// The file of a source.
    static func file(of source: DerivedSource, below key: ObjectKey) -> ObjectKey {
        key.appending("sources/\(Digest(.sha256, of: Array(source.description.utf8)).hex)")
    }

    private func noted(of key: ObjectKey) async throws -> [DerivedSource] {
        let directory = key.appending("sources")
        var sources: [DerivedSource] = []
        for entry in try await storage.list(directory) where !entry.isDirectory {
            guard let bytes = try await storage.read(directory.appending(entry.name), limit: 1024),
                let source = DerivedSource(parsing: String(buffer: bytes))
            else { continue }
            sources.append(source)
        }
        return sources
    }

    private func isLiving(_ source: DerivedSource, in name: RepositoryName) async throws -> Bool {
        do {
            guard try await manifests.contains(source.manifest, in: name),
                try await manifests.contains(source.root, in: name)
            else { return false }
            guard let layer = source.layer else { return true }
            return try await blobs.contains(layer, in: name)
        } catch let error as StorageError where error.isOfOneObject {
            // Damaged, but not gone.
            return true
        }
    }
}
