import ImageModel
import Storage

/// The repositories that have candidates, as found by a mark.
struct ContentPlaces: Sendable {
    private var layers: [Digest: [RepositoryDirectory]] = [:]
    private var revisions: [Digest: [RepositoryDirectory]]

    /// - Parameter removed: The repositories from which manifests were removed before the mark.
    init(_ mark: Mark, of candidates: Set<Digest>, removed: [Digest: [RepositoryDirectory]] = [:]) {
        revisions = removed
        let numbers = Dictionary(
            candidates.compactMap { digest in mark.edges.table.find(digest).map { (UInt32($0), digest) } }
        ) { first, _ in first }
        for link in mark.staleLinks {
            guard let digest = numbers[link.blob] else { continue }
            layers[digest, default: []].append(mark.repositories[Int(link.repository)])
        }
        for revision in mark.deadRevisions {
            guard let digest = numbers[revision.manifest] else { continue }
            revisions[digest, default: []].append(mark.repositories[Int(revision.repository)])
        }
    }

    /// The repositories that link a blob as a layer, where no manifest names it.
    func layers(of digest: Digest) -> [RepositoryDirectory] { layers[digest] ?? [] }

    /// The repositories in which a manifest is, or was, untagged.
    func revisions(of digest: Digest) -> [RepositoryDirectory] { revisions[digest] ?? [] }
}

/// Counts free content, each file once.
struct FreeTally {
    /// The totals so far.
    var report = CollectionReport()
    /// Called with all free content.
    let observe: (FreeContent) -> Void
    /// The files already counted, by the hash of their versions.
    private var seen: Set<Int> = []

    init(_ observe: @escaping (FreeContent) -> Void) { self.observe = observe }

    /// Counts free content; returns nil if it has only a record and no bytes.
    @discardableResult
    mutating func count(_ candidate: CollectionCandidates.Candidate, _ places: ContentPlaces) -> FreeContent? {
        guard let file = candidate.bytes else {
            report.recordCount += 1
            return nil
        }
        let byteCount = seen.insert(file.version.hashValue).inserted ? file.byteCount : 0
        let revisions = places.revisions(of: candidate.digest)
        let layers = places.layers(of: candidate.digest)
        let reason: FreeContent.Reason = !revisions.isEmpty ? .untagged : layers.isEmpty ? .unlinked : .unnamed
        let names = (revisions.isEmpty ? layers : revisions).map(\.name)
        report.blobs.add(byteCount)
        for name in names { report.repositories[name, default: CollectionReport.Tally()].add(byteCount) }
        let free = FreeContent(digest: candidate.digest, byteCount: byteCount, reason: reason, repositories: names)
        observe(free)
        return free
    }
}
