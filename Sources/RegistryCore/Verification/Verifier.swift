import ImageModel
import Storage

/// Verifies everything that is stored, in both layouts: blobs, links, manifests, tags, v1 images, and our own records.
///
/// It reads while writers continue. What they push, replace or delete meanwhile is verified again before it counts as
/// damage.
package struct Verifier: Sendable {
    private let storage: any ObjectStorage
    private let tree: V1Tree
    private let blobs: Blobs
    private let indexes: IndexCompleteness
    private let bridge: TagBridge
    private let events: RegistryEvents

    /// - Parameters:
    ///   - storage: The storage that writers use, so that caches and collectors learn of repairs.
    ///   - bridge: Knows the tags and images of both layouts.
    init(
        _ storage: any ObjectStorage,
        tree: V1Tree,
        blobs: Blobs,
        indexes: IndexCompleteness,
        bridge: TagBridge,
        events: RegistryEvents
    ) {
        self.storage = storage
        self.tree = tree
        self.blobs = blobs
        self.indexes = indexes
        self.bridge = bridge
        self.events = events
    }

    /// Runs one verification.
    ///
    /// - Throws: `StorageError` if the medium fails as a whole. Objects that cannot be read are part of the report.
    package func run(
        _ options: VerificationOptions,
        progress: VerificationProgress
    ) async throws -> VerificationReport {
        // Reading and hashing on the same thread saves a switch for each piece.
        try await withTaskExecutorPreference(storage.executor ?? HeavyWork.executor) {
            try await RegistryActivity.observing(events) {
                try await verify(options, progress)
            } as: { report, duration in
                .verification(RegistryActivity.Verification(report, duration))
            }
        }
    }

    private func verify(
        _ options: VerificationOptions,
        _ progress: VerificationProgress
    ) async throws -> VerificationReport {
        let list = DamageList(progress)
        let known = KnownContent()
        let context = VerificationContext(
            storage: storage,
            tree: tree,
            blobs: blobs,
            indexes: indexes,
            options: options,
            list: list,
            progress: progress
        )
        var report = VerificationReport()
        progress.begin(.images)
        var images = ImageVerification(context)
        try await images.run()
        let v1 = try await V1RepositoryVerification(context: context).run(images.table)
        for id in v1.tagged { images.reach(id) }
        progress.begin(.layers)
        report.layerCount = try await LayerVerification(context: context, known: known, table: images.table).run()
        progress.begin(.blobs)
        report.blobCount = try await BlobVerification(context: context, known: known).run()
        progress.begin(.repositories)
        var repositories = RepositoryVerification(context, known: known)
        try await repositories.run()
        report.manifestCount = repositories.manifestCount
        report.tagCount = v1.tagCount + repositories.tagCount
        progress.begin(.records)
        report.recordCount = try await RecordVerification(context: context, known: known, table: images.table).run()
        var findings = list.all.findings
        report.omittedCount = list.all.omittedCount
        if !findings.isEmpty {
            var names = DamageNames(context, images.table, repositories.edges)
            findings = try await names.name(findings)
        }
        if options.repairs {
            let repair = DamageRepair(context, known: known, table: images.table, bridge: bridge)
            findings = try await repair.run(findings)
        }
        report.findings = findings
        report.byteCount = progress.snapshot.byteCount
        report.quarantine = try await Quarantine(storage: storage).files()
        return report
    }
}

extension RegistryActivity.Verification {
    /// - Parameter report: Nil if the verification failed.
    fileprivate init(_ report: VerificationReport?, _ duration: Duration) {
        self.init(isComplete: report != nil, duration: duration)
        guard let report else { return }
        blobCount = report.blobCount
        layerCount = report.layerCount
        byteCount = report.byteCount
        damageCount = report.findings.count.addingReportingOverflow(report.omittedCount).partialValue
    }
}
