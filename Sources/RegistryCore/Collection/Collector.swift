import ImageModel
import NIOCore
import Storage

/// Removes content that nothing needs while the registry serves requests and accepts pushes. ``CollectionLedger``
/// describes how it coordinates with writers.
package actor Collector {
    let storage: any ObjectStorage
    let guarded: GuardedStorage
    private let uploads: Uploads
    private let pushes: V1Pushes
    let rules: CollectionRules
    private let events: RegistryEvents
    private let candidateLimit: Int
    /// The references of manifests, kept so that the next run reads only new manifests.
    var edges = ManifestEdges()
    /// What operators are shown.
    package private(set) var status = CollectionStatus()

    /// - Parameters:
    ///   - storage: The storage it deletes through, so that caches learn of deletions.
    ///   - guarded: The storage that all writers use.
    ///   - candidateLimit: The number of digests to condemn at once.
    init(
        _ storage: any ObjectStorage,
        guarded: GuardedStorage,
        uploads: Uploads,
        pushes: V1Pushes,
        events: RegistryEvents,
        rules: CollectionRules = .all,
        candidateLimit: Int = 100_000
    ) {
        self.storage = storage
        self.guarded = guarded
        self.uploads = uploads
        self.pushes = pushes
        self.rules = rules
        self.events = events
        self.candidateLimit = candidateLimit
    }

    /// Starts recording the blobs that clients learn are present, so that later collections with this policy keep them.
    package nonisolated func expect(_ policy: CollectionPolicy) { guarded.uses.keep(for: policy.grace) }

    /// Runs one collection.
    ///
    /// - Parameter observe: Called with all content that is removed or, in a dry run, would be.
    /// - Throws: ``CollectionRefusal``, or `StorageError.locked` while another collection runs. Content deleted before
    ///   the error stays deleted; nothing else is lost.
    package func run(
        _ policy: CollectionPolicy,
        observing observe: @escaping @Sendable (FreeContent) -> Void = { _ in }
    ) async throws -> CollectionReport {
        guard !status.isRunning else {
            throw StorageError.locked(path: OwnLayout.collection.description, holder: "a collection in this process")
        }
        status.isRunning = true
        defer { status.isRunning = false }
        if edges.manifestCount == 0 { try await loadEdges() }
        let report = try await RegistryActivity.observing(events) {
            try await policy.isDryRun ? rehearse(policy, observe) : collect(policy, observe)
        } as: { report, duration in
            .collection(RegistryActivity.Collection(report, of: policy, duration), by: .current)
        }
        if !policy.isDryRun { status.last = CollectionStatus.Run(end: .now, report: report) }
        return report
    }

    /// Notes when the server will collect next; nil if it does not.
    package func expectNext(at time: ContinuousClock.Instant?) { status.next = time }

    private func collect(
        _ policy: CollectionPolicy,
        _ observe: @escaping @Sendable (FreeContent) -> Void
    ) async throws -> CollectionReport {
        let ledger = guarded.ledger
        let epoch = try await ledger.beginEpoch()
        do {
            let report = try await collect(policy, epoch, observe)
            try await ledger.endEpoch(epoch)
            return report
        } catch {
            // Each deletion was awaited. Where a lost request may still delete content, its condemnation stays.
            try await ledger.endEpoch(epoch)
            throw error
        }
    }

    /// Performs a dry run: finds free content, and removes nothing.
    private func rehearse(
        _ policy: CollectionPolicy,
        _ observe: @escaping @Sendable (FreeContent) -> Void
    ) async throws -> CollectionReport {
        let ledger = guarded.ledger
        var mark = newMark(policy, now: WallClock.now) { _, _ in }
        defer { edges = mark.edges }
        try await mark.run { try await ledger.announced() }
        var tally = FreeTally(observe)
        var candidates = try await CollectionCandidates(in: storage, limit: candidateLimit)
        while case let some = try await candidates.next(mark), !some.isEmpty {
            let places = ContentPlaces(mark, of: Set(some.map(\.digest)))
            for candidate in some {
                tally.count(candidate, places)
                tally.report.layerLinkCount += places.layers(of: candidate.digest).count
            }
        }
        tally.report.untaggedManifestCount = mark.deadRevisions.count
        tally.report.note(mark)
        if policy.sweepsV1Images {
            let images = V1ImageMark(walk: mark.walk, policy: policy, now: mark.now, announced: [])
            let sweep = V1Sweep(storage: storage, ledger: ledger, rules: rules)
            for id in try await images.unreached() { tally.report.v1Images.add(try await sweep.byteCount(of: id)) }
        }
        try await leftovers(policy, now: mark.now).remove(mark, &tally.report)
        return tally.report
    }

    private func collect(
        _ policy: CollectionPolicy,
        _ epoch: UInt64,
        _ observe: @escaping @Sendable (FreeContent) -> Void
    ) async throws -> CollectionReport {
        guarded.forgetLinks()
        let start = try await storageTime()
        let sweep = Sweep(
            storage: storage,
            ledger: guarded.ledger,
            epoch: epoch,
            rules: rules,
            limit: policy.limit
        )
        var tally = FreeTally(observe)
        let removed = try await removeUntagged(policy, start, sweep, &tally.report)
        // From now on every manifest that a repository has is needed: a writer may have saved some, and others may have
        // become untagged since.
        let keeping = policy.keepingManifests
        var mark = try await newlyMarked(keeping, start)
        tally.report.note(mark)
        var unobserved = removed
        var candidates = try await CollectionCandidates(in: storage, limit: candidateLimit)
        while case let some = try await candidates.next(mark), !some.isEmpty {
            try await guarded.ledger.condemn(some.map(\.digest), in: epoch)
            if rules.contains(.secondMark) {
                edges = mark.edges
                mark = try await newlyMarked(keeping, start)
            }
            try await sweep.run(some, mark, removed: removed, &tally)
            for candidate in some { unobserved[candidate.digest] = nil }
        }
        // Manifests whose bytes stay, because they are young or belong to other repositories too.
        for (digest, repositories) in unobserved.sorted(by: { $0.key < $1.key }) {
            let names = repositories.map(\.name)
            observe(FreeContent(digest: digest, byteCount: 0, reason: .untagged, repositories: names))
        }
        try await StoredEdges(storage: storage).save(&mark.edges, isLive: { [live = mark.live] in live.contains($0) })
        edges = mark.edges
        if policy.sweepsV1Images {
            let images = V1ImageMark(
                walk: mark.walk,
                policy: policy,
                now: start,
                announced: try await guarded.ledger.announced()
            )
            let sweep = V1Sweep(storage: storage, ledger: guarded.ledger, rules: rules)
            try await sweep.run(images, in: epoch, &tally.report)
        }
        try await leftovers(policy, now: start).remove(mark, &tally.report)
        return tally.report
    }

    /// Loads the references of manifests that earlier processes read.
    private func loadEdges() async throws(StorageError) {
        var known = ManifestEdges()
        try await StoredEdges(storage: storage).load(into: &known)
        edges = known
    }

    private func leftovers(_ policy: CollectionPolicy, now: Int64) -> Leftovers {
        Leftovers(
            walk: CollectionWalk(storage: storage),
            uploads: uploads,
            pushes: pushes,
            policy: policy,
            now: now
        )
    }

    /// Removes untagged manifests from their repositories, and returns where each was removed.
    private func removeUntagged(
        _ policy: CollectionPolicy,
        _ start: Int64,
        _ sweep: Sweep,
        _ report: inout CollectionReport
    ) async throws -> [Digest: [RepositoryDirectory]] {
        guard policy.removesManifests else { return [:] }
        var mark = try await newlyMarked(policy, start, .manifests)
        defer { edges = mark.edges }
        report.readManifestCount += mark.readCount
        let dead = Set(mark.deadRevisions.compactMap { mark.edges.table.digest(Int($0.manifest)) }).sorted()
        guard !dead.isEmpty else { return [:] }
        try await guarded.ledger.condemn(dead, in: sweep.epoch)
        if rules.contains(.secondMark) {
            edges = mark.edges
            mark = try await newlyMarked(policy, start, .manifests)
        }
        return try await sweep.removeRevisions(dead, mark, &report)
    }
}
