package import ImageModel
import Storage

/// Removes what retention rules do not keep: tags, in both protocols, and untagged manifests.
package struct Pruner: Sendable {
    private let rules: TagRules
    private let catalogue: Catalogue
    private let reader: InventoryReader
    private let bridge: TagBridge
    private let collector: Collector
    private let damage: DamageLog

    /// No content is this old, so that a collection removes untagged manifests alone.
    private static let unlimited = Duration.seconds(1 << 33)

    init(
        parts: RegistryParts,
        rules: TagRules,
        catalogue: Catalogue,
        bridge: TagBridge,
        collector: Collector,
        damage: DamageLog
    ) {
        self.rules = rules
        self.catalogue = catalogue
        self.reader = InventoryReader(
            storage: parts.storage,
            joiner: parts.joiner,
            catalogue: catalogue,
            rules: rules,
            damage: damage
        )
        self.bridge = bridge
        self.collector = collector
        self.damage = damage
    }

    /// Applies the rules to the tags of every repository, in bytewise order of names.
    ///
    /// - Parameters:
    ///   - isDryRun: Whether to report only, and remove nothing. Untagged manifests are then reported too.
    ///   - observe: Called with everything that was judged.
    package func pruneTags(
        isDryRun: Bool = false,
        observing observe: (PrunedContent) -> Void = { _ in }
    ) async throws -> PruningReport {
        let content = rules.content
        var report = PruningReport()
        guard !content.retention.isEmpty else { return report }
        for name in try await catalogue.repositories(where: { name in
            content.retention.contains { $0.applies(to: name.description) }
        }) {
            try Task.checkCancellation()
            do {
                try await prune(name, content.retention, isDryRun, &report, observe)
            } catch {
                switch RegistryError(error) {
                // It was deleted in the meantime.
                case .repositoryUnknown: continue
                // A repository that cannot be read keeps everything.
                case .storage(let failure) where failure.isOfOneObject:
                    damage.note(failure, of: "tags", in: name.description)
                case .storage(let failure): throw failure
                default: throw error
                }
            }
        }
        return report
    }

    /// Removes untagged manifests by the ages in the rules.
    ///
    /// It is a collection, because a push of an index may be about to name such a manifest.
    package func pruneManifests(observing observe: @escaping @Sendable (FreeContent) -> Void) async throws -> Int {
        let retention = rules.content.retention
        guard retention.contains(where: { $0.untaggedAge != nil }) else { return 0 }
        var policy = CollectionPolicy(grace: Self.unlimited)
        policy.retention = retention
        return try await collector.run(policy, observing: observe).untaggedManifestCount
    }

    private func prune(
        _ name: RepositoryName,
        _ rules: [RetentionRule],
        _ isDryRun: Bool,
        _ report: inout PruningReport,
        _ observe: (PrunedContent) -> Void
    ) async throws {
        let applying = rules.applying(to: name.description)
        var inventory = RepositoryInventory(tags: try await reader.tags(of: name))
        if isDryRun, rules.untaggedAge(in: name.description) != nil {
            inventory.manifests = try await reader.manifests(of: name)
        }
        let judgement = RetentionJudgement(inventory, by: applying, now: WallClock.now)
        let doomed = judgement.tags.filter { !$0.reason.isKept }.compactMap(\.entry.state)
        let removed = isDryRun ? Set(doomed.map(\.tag)) : try await bridge.remove(doomed, in: name)
        for verdict in judgement.tags {
            let isChanged = !verdict.reason.isKept && !removed.contains(verdict.entry.tag)
            if verdict.reason.isKept || isChanged { report.keptTagCount += 1 } else { report.deletedTagCount += 1 }
            observe(.tag(name, verdict, isChanged: isChanged))
        }
        report.manifestCount += judgement.manifests.count
        for manifest in judgement.manifests { observe(.manifest(name, manifest)) }
    }
}

/// Something that retention has judged.
package enum PrunedContent: Sendable, Equatable {
    /// A tag; `isChanged` if it was to be deleted, and stays because it was changed in the meantime.
    case tag(RepositoryName, RetentionJudgement.Verdict, isChanged: Bool)
    /// An untagged manifest that a dry run found.
    case manifest(RepositoryName, RepositoryInventory.ManifestEntry)
}

/// The totals of a retention run.
package struct PruningReport: Sendable, Equatable {
    /// The number of tags kept in repositories with rules.
    package var keptTagCount = 0
    /// The number of tags deleted, or to be deleted.
    package var deletedTagCount = 0
    /// The number of untagged manifests to be removed, as found by a dry run.
    package var manifestCount = 0

    package init() {}
}
