package import ImageModel
import Storage

/// An index of the manifests that refer to subjects.
///
/// All manifests of a repository are read once for all concurrent requests, and after that only new ones. This includes
/// manifests that other programs wrote, and those that clients list under a fallback tag (`sha256-…`). Recently
/// requested repositories are cached in memory.
package actor Referrers {
    /// The approximate size limit of the cache in bytes.
    private static let costLimit = 16 << 20
    /// The number of files checked in one step.
    private static let batchSize = 256

    private let storage: RecentStorage
    private let manifests: Manifests
    private let damage: DamageLog
    private let locks = KeyedLocks<RepositoryName>()
    private var repositories: [RepositoryName: RepositoryReferrers] = [:]
    private var uses: UInt64 = 0

    init(recent storage: RecentStorage, manifests: Manifests, damage: DamageLog) {
        self.damage = damage
        self.storage = storage
        self.manifests = manifests
    }

    /// The manifests of a repository that refer to `subject`, ordered by digest.
    package func list(of subject: Digest, in name: RepositoryName) async throws(RegistryError) -> [Referrer] {
        try await RegistryError.translating {
            let repository = try await locks.withLock(name) { try await self.scan(name) }
            let referrers = repository.referrers(of: subject)
            // The directories of deleted manifests may remain: registry:2 removes only the links.
            let present = Set(try await present(referrers.map(\.descriptor.digest), in: name))
            return referrers.filter { present.contains($0.descriptor.digest) }
        }
    }

    /// The annotations of a referrer as a JSON object; nil if it has none, is gone or is damaged.
    package nonisolated func annotations(of referrer: Referrer, in name: RepositoryName) async throws(RegistryError)
        -> [UInt8]?
    {
        try await RegistryError.translating {
            switch referrer.annotations {
            case .none: return nil
            case .known(let json): return json
            case .large:
                let digest = referrer.descriptor.digest
                return try await damage.unlessDamaged(digest.description, in: name.description) {
                    try await DocumentScope.reading {
                        let manifest = try await manifests.read(digest, in: name)
                        return await HeavyWork.parsing(manifest.bytes.count) { manifest.annotationsJSON }
                    }
                } ?? nil
            }
        }
    }

    /// Reads new manifests of a repository, and forgets removed ones.
    private func scan(_ name: RepositoryName) async throws -> RepositoryReferrers {
        let revisions = try await revisions(of: name)
        var repository = repositories[name] ?? RepositoryReferrers()
        repository.forget(allBut: revisions)
        var unread = try await present(revisions.subtracting(repository.read).sorted(), in: name)[...]
        while !unread.isEmpty {
            let some = Array(unread.prefix(Self.batchSize))
            unread = unread.dropFirst(some.count)
            let found = try await some.mapInParallel(width: 8) { try await self.manifest($0, in: name) }
            for (digest, manifest) in zip(some, found) {
                if let manifest { repository.add(manifest, digest) }
            }
        }
        keep(repository, of: name)
        return repository
    }

    private func revisions(of name: RepositoryName) async throws -> Set<Digest> {
        var digests: Set<Digest> = []
        for algorithm in Digest.Algorithm.allCases {
            for entry in try await storage.list(V2Layout.revisions(of: name, algorithm)) {
                if let digest = try? Digest(algorithm, hex: entry.name) { digests.insert(digest) }
            }
        }
        return digests
    }

    /// The digests whose manifests the repository has, in the same order.
    private func present(_ digests: [Digest], in name: RepositoryName) async throws -> [Digest] {
        var present: [Digest] = []
        var rest = digests[...]
        while !rest.isEmpty {
            let some = rest.prefix(Self.batchSize)
            rest = rest.dropFirst(some.count)
            let keys = some.map { V2Layout.revisionLink($0, in: name) }
            let links = try await storage.exist(keys)
            for (digest, isThere) in zip(some, links) where isThere { present.append(digest) }
        }
        return present
    }

    private nonisolated func manifest(_ digest: Digest, in name: RepositoryName) async throws -> ReadManifest? {
        do {
            return try await DocumentScope.reading {
                let manifest = try await manifests.read(digest, in: name)
                return await HeavyWork.parsing(manifest.bytes.count) { ReadManifest(manifest, digest) }
            }
        } catch RegistryError.manifestUnknown {
            // Deleted in the meantime.
            return nil
        } catch let error as StorageError where error.isOfOneObject {
            damage.note(error, of: digest.description, in: name.description)
            return nil
        }
    }

    /// Caches a repository, evicting the least recently used ones. A repository that exceeds the limit by itself is not
    /// cached.
    private func keep(_ repository: RepositoryReferrers, of name: RepositoryName) {
        uses += 1
        repositories[name] = repository.cost <= Self.costLimit ? repository : nil
        repositories[name]?.lastUse = uses
        var cost = repositories.values.reduce(0) { $0 + $1.cost }
        while cost > Self.costLimit, let oldest = repositories.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            cost -= oldest.value.cost
            repositories[oldest.key] = nil
        }
    }
}
