import ImageModel
import Storage
import Synchronization
import SystemLibraries

@testable import RegistryCore

/// Checks the registry after its clients are done.
extension CollectionSchedule {
    /// Checks that every acknowledged image exists and every stored manifest is complete.
    func check(_ world: World, _ time: String) async throws {
        let registry = RegistryParts(storage: world.storage)
        for image in world.records.acknowledged
        where try await !registry.manifests.contains(image.digest, in: image.name) {
            throw Loss(description: "seed \(seed): \(image.digest) of \(image.name) is gone \(time)")
        }
        for (name, digest) in try await revisions(in: world.storage) {
            let needs: Needs
            do { needs = try await self.needs(of: digest, in: name, registry) } catch {
                throw Loss(description: "seed \(seed): the bytes of \(digest) of \(name) are gone \(time): \(error)")
            }
            for blob in needs.blobs where try await !registry.blobs.contains(blob, in: name) {
                throw Loss(description: "seed \(seed): \(blob) of \(digest) of \(name) is gone \(time)")
            }
        }
        for entry in try await world.storage.list(V1Layout.images) {
            let id = try V1ImageID(parsing: entry.name)
            guard try await world.storage.attributes(of: V1Layout.inProgress(id)) == nil else { continue }
            // An image without a JSON is not there.
            guard try await world.storage.attributes(of: V1Layout.json(id)) != nil else { continue }
            for ancestor in try await world.storage.listedAncestry(of: id) ?? [] {
                for key in [V1Layout.json(ancestor), V1Layout.layer(ancestor)]
                where try await world.storage.attributes(of: key) == nil {
                    throw Loss(description: "seed \(seed): \(key) of the v1 image \(id) is gone \(time)")
                }
            }
        }
        try await checkV1Tags(world, time)
    }

    /// What a manifest needs.
    private struct Needs: Sendable {
        let blobs: [Digest]
        let children: [Digest]
    }

    /// What the manifests of earlier checks need: without optimization, reading one takes longer than most steps.
    private static let known = Mutex<[Digest: Needs]>([:])

    /// - Throws: If the manifest's bytes are gone.
    private func needs(
        of digest: Digest,
        in name: RepositoryName,
        _ registry: RegistryParts
    ) async throws -> Needs {
        if let known = Self.known.withLock({ $0[digest] }), try await registry.blobs.contains(digest) { return known }
        let manifest = try await registry.manifests.read(digest, in: name)
        let needs = Needs(blobs: manifest.requiredBlobs, children: manifest.manifests.map(\.descriptor.digest))
        Self.known.withLock { $0[digest] = needs }
        return needs
    }

    /// Checks that every v1 tag points to an image.
    private func checkV1Tags(_ world: World, _ time: String) async throws {
        for repository in ["a", "b"] {
            let name = V1RepositoryName(namespace: "v1", repository: repository)
            guard let id = try await V1Tree(storage: world.storage).tag("t", in: name)?.image else { continue }
            guard try await world.storage.attributes(of: V1Layout.json(id)) != nil else {
                throw Loss(description: "seed \(seed): \(id) of the tag t of \(repository) is gone \(time)")
            }
        }
    }

    /// Checks that no unneeded content is left.
    func checkGarbage(_ world: World) async throws {
        guard !hasV1 else { return }
        let registry = RegistryParts(storage: world.storage)
        var needed: Set<Digest> = []
        for (name, digest) in try await revisions(in: world.storage) {
            let needs = try await self.needs(of: digest, in: name, registry)
            needed.formUnion([digest] + needs.blobs + needs.children)
        }
        // Two registries may delete a manifest and tag it at the same time: what the tag points to is kept.
        for digest in try await taggedManifests(in: world.storage) {
            guard let bytes = try await registry.blobs.read(digest, limit: Manifests.byteLimit) else { continue }
            needed.formUnion(ManifestReferences(of: bytes).all.union([digest]))
        }
        let present = try await CollectionWalk(storage: world.storage).blobs()
        guard Set(present).isSubset(of: needed) else {
            throw Loss(description: "seed \(seed): \(Set(present).subtracting(needed).sorted()) are left")
        }
    }

    /// The manifests that tags point to, including those that their repositories no longer have.
    private func taggedManifests(in storage: any ObjectStorage) async throws -> Set<Digest> {
        let walk = CollectionWalk(storage: storage)
        var all: Set<Digest> = []
        for repository in try await walk.repositories() {
            let tags = try await storage.list(repository.tags)
            let keys = tags.map { repository.tags.appending("\($0.name)/current/link") }
            for case .digest(let digest) in try await walk.digests(in: keys) { all.insert(digest) }
        }
        return all
    }

    private func revisions(in storage: any ObjectStorage) async throws -> [(RepositoryName, Digest)] {
        let walk = CollectionWalk(storage: storage)
        var all: [(RepositoryName, Digest)] = []
        for repository in try await walk.repositories() {
            for digest in try await walk.digests(below: repository.revisions) {
                guard try await storage.attributes(of: repository.revisionLink(digest)) != nil else { continue }
                all.append((try RepositoryName(parsing: repository.name), digest))
            }
        }
        return all
    }
}

extension CollectionWalk {
    /// All blobs whose bytes exist.
    fileprivate func blobs() async throws -> [Digest] {
        var all: [Digest] = []
        for algorithm in try await storage.list(V2Layout.blobs) {
            let key = V2Layout.blobs.appending(algorithm.name)
            for prefix in try await storage.list(key) {
                for entry in try await storage.list(key.appending(prefix.name)) {
                    let digest = try Digest(.sha256, hex: entry.name)
                    if try await storage.attributes(of: V2Layout.blobData(digest)) != nil { all.append(digest) }
                }
            }
        }
        return all
    }
}
