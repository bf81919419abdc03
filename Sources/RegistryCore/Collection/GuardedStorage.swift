import ImageModel
package import Storage

/// A storage that follows the writer's side of the collection protocol (``CollectionLedger``) in every commit.
/// Everything that names a blob is written through it.
package final class GuardedStorage: StepForwardingStorage {
    /// The underlying storage.
    package let base: any ObjectStorage
    /// The ledger shared with collectors.
    package let ledger: any CollectionLedger
    /// Content that clients were recently told is present.
    package let uses: RecentUses
    private let rules: CollectionRules
    private let ownLinks = OwnLinks()

    /// Guards everything written to `base` from now on.
    package init(
        _ base: any ObjectStorage,
        ledger: any CollectionLedger = MemoryLedger(),
        rules: CollectionRules = .all
    ) {
        self.base = base
        self.ledger = ledger
        self.rules = rules
        uses = RecentUses()
    }

    package func commit(_ batch: WriteBatch) async throws(StorageError) {
        let intent = try await ledger.announce { [self] () async throws(StorageError) in
            try await NamedContent(of: batch).closure(in: base)
        }
        do throws(StorageError) {
            try await commit(batch, intent)
        } catch {
            try await ledger.withdraw(intent)
            throw error
        }
        try await ledger.withdraw(intent)
    }

    private func commit(_ batch: WriteBatch, _ intent: WriteIntent) async throws(StorageError) {
        guard uses.isKept || intent.content != nil else { return try await base.commit(batch) }
        let named = NamedContent(of: batch)
        uses.note(named.content)
        guard let content = intent.content else { return try await base.commit(batch) }
        if !rules.contains(.intent) { try await ledger.withdraw(intent) }
        var batch = batch
        for key in try await named.needs(try await save(content), in: base) { batch.require(key) }
        ownLinks.begin(named.links)
        defer { ownLinks.end(named.links) }
        try await base.commit(rules.contains(.lastLook) ? batch : batch.unchecked)
    }

    /// Saves condemned content, and returns the content that was deleted before it could be saved.
    private func save(_ content: Set<Digest>) async throws(StorageError) -> [Digest] {
        var lost: [Digest] = []
        for condemnation in try await ledger.condemnations(of: content) {
            guard try await ledger.judge(condemnation, .keep) == .delete else { continue }
            if rules.contains(.waiting) { try await ledger.waitUntilLifted(condemnation) }
            lost.append(condemnation.content)
        }
        return lost
    }

    /// Forgets which links were written, at the start of an epoch.
    func forgetLinks() { ownLinks.forget() }

    /// Whether this process wrote a link in the current epoch.
    func hasWritten(_ link: ObjectKey) -> Bool { ownLinks.contains(link) }
}

extension WriteBatch {
    /// The batch without its requirements, for tests that show why they are needed.
    fileprivate var unchecked: WriteBatch {
        WriteBatch(changes.filter { if case .require = $0 { false } else { true } })
    }
}
