import ImageModel
import Storage
import Synchronization

/// Checks whether repositories of the v2 layout have a manifest or a tag.
///
/// For each repository, one link that proves it is remembered; as long as the link exists, nothing else is checked.
final class RepositoryPresence: Sendable {
    /// The maximum number of remembered repositories.
    private static let limit = 50_000

    private let storage: RecentStorage
    /// A link in each repository that proves it is in use.
    private let proofs = Mutex<[RepositoryName: ObjectKey]>([:])

    init(_ storage: RecentStorage) { self.storage = storage }

    /// The repositories among `names` whose remembered link still exists; all are checked in one step.
    func knownInUse(_ names: [RepositoryName]) async throws -> Set<RepositoryName> {
        let known = proofs.withLock { proofs in names.compactMap { name in proofs[name].map { (name, $0) } } }
        guard !known.isEmpty else { return [] }
        let present = try await storage.exist(known.map(\.1))
        return Set(zip(known, present).compactMap { $1 ? $0.0 : nil })
    }

    /// Whether the repository has a manifest or a tag.
    func isInUse(_ name: RepositoryName) async throws -> Bool {
        if try await knownInUse([name]).contains(name) { return true }
        let proof = try await proof(of: name)
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

    /// The first link below a directory. registry:2 leaves directories without links when it deletes something.
    private func link(below prefix: ObjectKey, _ path: String) async throws -> ObjectKey? {
        for entry in try await storage.current.list(prefix) where entry.isDirectory {
            let link = prefix.appending(entry.name).appending(path)
            if try await storage.current.exist([link]) == [true] { return link }
        }
        return nil
    }
}
