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

    /// Deletes candidates.
    ///
    /// - Parameters:
    ///   - mark: The second mark.
    ///   - removed: The repositories from which manifests were removed in this epoch.
    func run(
        _ candidates: [CollectionCandidates.Candidate],
        _ mark: Mark,
        removed: [Digest: [RepositoryDirectory]],
        _ tally: inout FreeTally
    ) async throws {
        let places = ContentPlaces(mark, of: Set(candidates.map(\.digest)), removed: removed)
        for some in candidates.steps(of: Self.stepCount) {
            try Task.checkCancellation()
            let start = ContinuousClock.now
            var deletion = Deletion()
            for candidate in some where !mark.isLive(candidate.digest) && !mark.isUsed(candidate.digest) {
                guard try await judge(candidate.digest, &deletion) else { continue }
                deletion.add(candidate, layers: places.layers(of: candidate.digest))
            }
            tally.report.savedCount += deletion.savedCount
            if try await commit(deletion) {
                for candidate in deletion.candidates {
                    tally.report.layerLinkCount += places.layers(of: candidate.digest).count
                    tally.count(candidate, places)
                }
            }
            try await ledger.lift(some.map(\.digest), in: epoch)
            let pause = limit.duration(objects: deletion.candidates.count, bytes: deletion.byteCount)
            try await rest(pause, since: start)
        }
    }

    /// Removes untagged manifests from their repositories, and returns where each was removed.
    ///
    /// Their links go before the bytes of anything they name: whoever finds a manifest finds everything it names.
    func removeRevisions(
        _ digests: [Digest],
        _ mark: Mark,
        _ report: inout CollectionReport
    ) async throws -> [Digest: [RepositoryDirectory]] {
        let dead = Set(digests)
        let places = ContentPlaces(mark, of: dead)
        var indexLinks: [ObjectKey: [Digest: [ObjectKey]]] = [:]
        var removed: [Digest: [RepositoryDirectory]] = [:]
        for some in digests.steps(of: Self.stepCount) {
            try Task.checkCancellation()
            let start = ContinuousClock.now
            var deletion = Deletion()
            var names: [Digest: [RepositoryDirectory]] = [:]
            for digest in some {
                let repositories = places.revisions(of: digest)
                guard !repositories.isEmpty, try await judge(digest, &deletion) else { continue }
                names[digest] = repositories
                for repository in repositories {
                    if indexLinks[repository.key] == nil {
                        indexLinks[repository.key] = try await mark.walk.indexLinks(of: dead, in: repository)
                    }
                    let links = indexLinks[repository.key]?[digest] ?? []
                    for key in [repository.revisionLink(digest)] + links { deletion.remove(key) }
                }
            }
            report.savedCount += deletion.savedCount
            if try await commit(deletion) {
                report.untaggedManifestCount += names.values.reduce(0) { $0 + $1.count }
                removed.merge(names) { _, new in new }
            }
            try await ledger.lift(Array(some), in: epoch)
            try await rest(limit.duration(objects: names.count, bytes: 0), since: start)
        }
        return removed
    }

    /// Gives the verdict to delete content, and returns whether it came first.
    private func judge(_ digest: Digest, _ deletion: inout Deletion) async throws(StorageError) -> Bool {
        guard rules.contains(.verdict) else { return true }
        let judgment = try await ledger.judge(Condemnation(content: digest, epoch: epoch), .delete)
        guard judgment.verdict == .delete else {
            deletion.savedCount += 1
            return false
        }
        if rules.contains(.deletionDeadline) { deletion.limit(to: judgment.deadline) }
        return true
    }

    /// Performs a deletion; returns false if it came too late, and a later collection has to do it.
    private func commit(_ deletion: Deletion) async throws(StorageError) -> Bool {
        guard !deletion.batch.changes.isEmpty else { return true }
        do throws(StorageError) {
            try await storage.commit(deletion.batch)
            return true
        } catch {
            if case .expired = error { return false }
            throw error
        }
    }

    /// Waits until `pause` has passed since `start`.
    private func rest(_ pause: Duration, since start: ContinuousClock.Instant) async throws {
        let rest = pause - (ContinuousClock.now - start)
        if rest > .zero { try await Task.sleep(for: rest) }
    }
}

/// Content that is deleted in one commit.
private struct Deletion {
    private(set) var batch = WriteBatch()
    private(set) var candidates: [CollectionCandidates.Candidate] = []
    /// The number of bytes freed, if no two candidates share a file.
    private(set) var byteCount: Int64 = 0
    /// The number of candidates that writers saved.
    var savedCount = 0

    /// Removes a link and its directory.
    mutating func remove(_ link: ObjectKey) {
        batch.remove(link)
        batch.discard(link.parent)
    }

    /// Deletes content: links before bytes.
    mutating func add(_ candidate: CollectionCandidates.Candidate, layers: [RepositoryDirectory]) {
        candidates.append(candidate)
        byteCount = byteCount.clampedAdding(candidate.bytes?.byteCount ?? 0)
        for repository in layers { remove(repository.layerLink(candidate.digest)) }
        for key in OwnLayout.records(of: candidate.digest) { batch.remove(key) }
        remove(V2Layout.blobData(candidate.digest))
    }

    /// Sets the earliest deadline of all content.
    mutating func limit(to deadline: Int64?) {
        guard let deadline else { return }
        batch.deadline = min(deadline, batch.deadline ?? deadline)
    }
}
