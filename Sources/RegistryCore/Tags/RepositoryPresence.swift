import ImageModel
import Storage
import Synchronization

/// Whether repositories of the v2 layout have a manifest or a tag.
///
/// For each repository one file is remembered that shows it; as long as that is there, nothing else is looked at, and for a
/// moment (``Sightings``) not even that.
final class RepositoryPresence: Sendable {
    /// How many repositories are remembered.
    private static let limit = 50_000

    /// A file that shows that a repository is in use.
    private struct Proof: Sendable {
        let key: ObjectKey
        /// When it was last there.
        var seen: Sighting
    }

    private let sightings: Sightings
    private let proofs = Mutex<[RepositoryName: Proof]>([:])

    init(_ sightings: Sightings) { self.sightings = sightings }

    private var storage: any ObjectStorage { sightings.storage }

    /// Those of `names` that are still as they were shown to be in use before: all are looked at in one step.
    func knownInUse(_ names: [RepositoryName]) async throws -> Set<RepositoryName> {
        let known = proofs.withLock { proofs in names.compactMap { name in proofs[name].map { (name, $0) } } }
        var inUse = Set(known.filter { sightings.isGood($0.1.seen) }.map(\.0))
        let doubtful = known.filter { !inUse.contains($0.0) }
        guard !doubtful.isEmpty else { return inUse }
        let sighting = sightings.begin()
        let proofs = try await storage.exist(doubtful.map(\.1.key))
        let seen = zip(doubtful, proofs).compactMap { $1 ? $0.0 : nil }
        self.proofs.withLock { proofs in for name in seen { proofs[name]?.seen = sighting } }
        inUse.formUnion(seen)
        return inUse
    }

    /// Whether the repository has a manifest or a tag.
    func isInUse(_ name: RepositoryName) async throws -> Bool {
        if try await knownInUse([name]).contains(name) { return true }
        let sighting = sightings.begin()
        let proof = try await proof(of: name).map { Proof(key: $0, seen: sighting) }
        proofs.withLock { proofs in
            if proofs.count >= Self.limit { proofs.removeAll() }
            proofs[name] = proof
        }
        return proof != nil
    }

    private func proof(of name: RepositoryName) async throws -> ObjectKey? {
        for algorithm in Digest.Algorithm.allCases {
            let revisions = V2Layout.revisions(of: name, algorithm)
            if let link = try await link(below: revisions, "link") { return link }
        }
        return try await link(below: V2Layout.tags(of: name), "current/link")
    }

    /// The first link in a directory. registry:2 leaves directories without one where it has deleted something.
    private func link(below prefix: ObjectKey, _ path: String) async throws -> ObjectKey? {
        for entry in try await storage.list(prefix) where entry.isDirectory {
            let link = prefix.appending(entry.name).appending(path)
            if try await storage.exist([link]) == [true] { return link }
        }
        return nil
    }
}
