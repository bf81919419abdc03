package import ImageModel
import Storage

/// What the deletion of a repository removed.
package struct RemovedRepository: Sendable, Equatable {
    /// The tags of both protocols.
    package let tags: [String]
    /// The manifests.
    package var manifests: [Digest] = []
    /// The number of blobs that belonged to the repository.
    package var blobCount = 0
    /// The number of unfinished uploads.
    package var uploadCount = 0
}

/// Deletes of whole repositories.
extension Registry {
    /// The number of manifests removed in one commit.
    private static let removedAtOnce = 64

    /// Deletes a repository in both layouts: its tags, manifests, blobs, unfinished uploads and v1 metadata.
    ///
    /// The bytes of blobs stay until garbage collection, and v1 images stay: other repositories may have them. Pushes
    /// wait until it is done; one that relied on deleted blobs is then refused. A request that is writing to an upload
    /// keeps it. If the process dies, what is left is a repository that can be deleted again.
    /// - Throws: ``RegistryError/repositoryUnknown(_:)`` if there is no such repository.
    package func deleteRepository(_ repository: EventRepository) async throws(RegistryError) -> RemovedRepository {
        try await RegistryError.translating {
            try refuseWhenReadOnly()
            if let name = repository.v2 {
                return try await repositoryLocks.withExclusiveLock(of: name) { try await remove(repository) }
            }
            guard let name = repository.v1 else { throw RegistryError.malformedName(repository.description) }
            return try await repositoryLocks.withExclusiveLock(of: name) { try await remove(repository) }
        }
    }

    private func remove(_ repository: EventRepository) async throws -> RemovedRepository {
        guard try await isStored(repository) else { throw RegistryError.repositoryUnknown(repository.description) }
        var removed = RemovedRepository(tags: try await bridge.removeTags(of: repository))
        if let name = repository.v2 {
            removed.manifests = try await removeManifests(of: name)
            removed.uploadCount = try await uploads.discardAll(in: name)
        }
        if let name = repository.v1 { try await bridge.files.removeRepository(name) }
        var recorded = RecordedEvents.none
        let change = RegistryEvent.Change.repositoryRemoved(tags: removed.tags)
        if let name = repository.v2 {
            // Last, because its commit records the event.
            var end = WriteBatch()
            recorded = events.record([change], in: name, &end)
            removed.blobCount = try await removeDirectories(of: name, with: end)
        }
        events.publish(RegistryEvent(change, in: repository))
        recorded.wereCommitted()
        return removed
    }

    /// Whether anything of a repository is stored, even the remains of an interrupted deletion.
    func isStored(_ repository: EventRepository) async throws -> Bool {
        if let name = repository.v1, try await bridge.tree.contains(name) { return true }
        guard let name = repository.v2 else { return false }
        let storage = manifests.storage
        if try await storage.exist([V2Layout.manifests(of: name), V2Layout.layers(of: name)]).contains(true) {
            return true
        }
        return try await !storage.list(V2Layout.uploads(of: name), after: nil, limit: 1).isEmpty
    }

    /// Removes the links of all manifests, and returns the manifests.
    private func removeManifests(of name: RepositoryName) async throws -> [Digest] {
        let storage = manifests.storage
        let removed = try await manifests.list(in: name)
        var rest = removed[...]
        while !rest.isEmpty {
            let some = rest.prefix(Self.removedAtOnce)
            rest = rest.dropFirst(some.count)
            var batch = WriteBatch()
            for digest in some { manifests.remove(digest, from: name, &batch) }
            let recorded = events.record(some.map { .manifestRemoved($0) }, in: name, &batch)
            try await storage.commit(batch)
            for digest in some { events.publish(.manifestRemoved(digest), in: name) }
            recorded.wereCommitted()
        }
        return removed
    }

    /// Removes the directories of a repository without tags and manifests, and returns the number of its blobs.
    /// Repositories below it stay: `a` contains the directory of `a/b`.
    ///
    /// - Parameter end: Changes to commit after it.
    private func removeDirectories(of name: RepositoryName, with end: WriteBatch) async throws -> Int {
        let storage = manifests.storage
        var blobCount = 0
        for algorithm in Digest.Algorithm.allCases {
            let directory = V2Layout.layers(of: name).appending(algorithm.rawValue)
            blobCount += try await storage.list(directory).count
        }
        for key in [V2Layout.manifests(of: name), V2Layout.layers(of: name)] {
            try await storage.removeAll(below: key)
        }
        var batch = WriteBatch()
        // What was derived from its manifests ends with them, and is removed by garbage collection.
        batch.discard(OwnLayout.tagRecords(of: name))
        batch.discard(OwnLayout.unfinishedPushes(in: name))
        batch.remove([], pruning: V2Layout.uploads(of: name))
        var key = V2Layout.repository(name)
        while key != V2Layout.repositories {
            batch.remove([], pruning: key)
            key = key.parent
        }
        batch.append(end)
        try await storage.commit(batch)
        return blobCount
    }
}
