package import ImageModel
import Storage

/// Which manifests are about which.
///
/// Found by reading every manifest of a repository once, and from then on those that came since: whoever wrote them,
/// also those that clients list under a fallback tag (`sha256-…`), are among them. Kept in memory for the repositories
/// that were asked for lately.
package actor Referrers {
    /// What is known of one repository.
    private struct Repository {
        var read: Set<Digest> = []
        var bySubject: [Digest: [Digest: Referrer]] = [:]
        var lastUse: UInt64 = 0
    }

    /// How many repositories are kept.
    private static let repositoryLimit = 128

    private let listings: Listings
    private let manifests: Manifests
    private var repositories: [RepositoryName: Repository] = [:]
    private var uses: UInt64 = 0

    init(listings: Listings, manifests: Manifests) {
        self.listings = listings
        self.manifests = manifests
    }

    /// The manifests of a repository that are about `subject`, in the order of their digests.
    package func list(of subject: Digest, in name: RepositoryName) async throws -> [Referrer] {
        let present = try await revisions(of: name)
        let known = repositories[name]?.read ?? []
        var news: [(digest: Digest, manifest: Manifest)] = []
        for digest in present.subtracting(known) {
            if let manifest = try await manifest(digest, in: name) { news.append((digest, manifest)) }
        }
        var repository = repositories[name] ?? Repository()
        for (digest, manifest) in news {
            repository.read.insert(digest)
            guard let subject = manifest.subject else { continue }
            repository.bySubject[subject.digest, default: [:]][digest] = Referrer(manifest, digest: digest)
        }
        uses += 1
        repository.lastUse = uses
        repositories[name] = repository
        forgetTheLeastUsed()
        var referrers: [Referrer] = []
        for (digest, referrer) in repository.bySubject[subject] ?? [:] where present.contains(digest) {
            // Its directory may be there still: registry:2 removes the link alone.
            if try await manifests.contains(digest, in: name) { referrers.append(referrer) }
        }
        return referrers.sorted { $0.descriptor.digest < $1.descriptor.digest }
    }

    private func revisions(of name: RepositoryName) async throws -> Set<Digest> {
        var digests: Set<Digest> = []
        for algorithm in Digest.Algorithm.allCases {
            for entry in try await listings.list(V2Layout.revisions(of: name, algorithm)) {
                if let digest = try? Digest(algorithm, hex: entry.name) { digests.insert(digest) }
            }
        }
        return digests
    }

    private func manifest(_ digest: Digest, in name: RepositoryName) async throws -> Manifest? {
        do {
            return try await manifests.read(digest, in: name)
        } catch RegistryError.manifestUnknown, StorageError.unreadable {
            // Deleted meanwhile, or damaged: whoever asks for the manifest itself is told.
            return nil
        }
    }

    private func forgetTheLeastUsed() {
        guard repositories.count > Self.repositoryLimit else { return }
        if let oldest = repositories.min(by: { $0.value.lastUse < $1.value.lastUse }) { repositories[oldest.key] = nil }
    }
}
