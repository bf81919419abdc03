import ImageModel
import Storage

/// Deletes condemned content that the second mark did not reach, if the collector's verdict on it comes first.
struct Sweep: Sendable {
    let storage: any ObjectStorage
    let ledger: any CollectionLedger
    let epoch: UInt64
    let rules: CollectionRules
    let limit: SweepLimit

    /// The number of candidates to delete in one commit.
    private static let stepCount = 64

    /// A candidate to be deleted.
    private struct Target {
        let candidate: CollectionCandidates.Candidate
        /// Whether its bytes are deleted too, not only links to it.
        let isFree: Bool
        /// The repositories that link it as a layer.
        let layers: [RepositoryDirectory]
        /// The repositories it is removed from as a manifest.
        let revisions: [RepositoryDirectory]

        /// The changes that delete it: links before bytes.
        var batch: WriteBatch {
            var batch = WriteBatch()
            for key in revisions.map({ $0.revisionLink(candidate.digest) })
                + layers.map({ $0.layerLink(candidate.digest) })
            {
                batch.remove(key)
                batch.discard(key.parent)
            }
            guard isFree else { return batch }
            for key in OwnLayout.records(of: candidate.digest) { batch.remove(key) }
            let data = V2Layout.blobData(candidate.digest)
            batch.remove(data)
            batch.discard(data.parent)
            return batch
        }
    }

    /// Deletes candidates.
    ///
    /// - Parameter mark: The second mark.
    func run(
        _ candidates: [CollectionCandidates.Candidate],
        _ mark: Mark,
        _ tally: inout FreeTally
    ) async throws {
        let places = ContentPlaces(mark, of: Set(candidates.map(\.digest)))
        var rest = candidates[...]
        while !rest.isEmpty {
            try Task.checkCancellation()
            let some = rest.prefix(Self.stepCount)
            rest = rest.dropFirst(some.count)
            let start = ContinuousClock.now
            let targets = some.compactMap { candidate -> Target? in
                let isFree = !mark.isLive(candidate.digest)
                let revisions = places.revisions(of: candidate.digest)
                guard isFree || !revisions.isEmpty else { return nil }
                let layers = isFree ? places.layers(of: candidate.digest) : []
                return Target(candidate: candidate, isFree: isFree, layers: layers, revisions: revisions)
            }
            let freed = try await delete(targets, places, &tally)
            try await ledger.lift(some.map(\.digest), in: epoch)
            let pause = limit.duration(objects: targets.count, bytes: freed) - (ContinuousClock.now - start)
            if pause > .zero { try await Task.sleep(for: pause) }
        }
    }

    /// Deletes the targets that no writer saved, and returns the number of bytes freed.
    private func delete(
        _ targets: [Target],
        _ places: ContentPlaces,
        _ tally: inout FreeTally
    ) async throws(StorageError) -> Int64 {
        var batch = WriteBatch()
        var freed: Int64 = 0
        for target in targets {
            let condemnation = Condemnation(content: target.candidate.digest, epoch: epoch)
            if rules.contains(.verdict), try await ledger.judge(condemnation, .delete) == .keep {
                tally.report.savedCount += 1
                continue
            }
            batch.append(target.batch)
            tally.report.untaggedManifestCount += target.revisions.count
            tally.report.layerLinkCount += target.layers.count
            if target.isFree, let free = tally.count(target.candidate, places) { freed += free.byteCount }
        }
        if !batch.changes.isEmpty { try await storage.commit(batch) }
        return freed
    }
}

/// The repositories that have candidates, as found by a mark.
struct ContentPlaces: Sendable {
    private var layers: [Digest: [RepositoryDirectory]] = [:]
    private var revisions: [Digest: [RepositoryDirectory]] = [:]

    init(_ mark: Mark, of candidates: Set<Digest>) {
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

    /// The repositories in which a manifest is untagged.
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
