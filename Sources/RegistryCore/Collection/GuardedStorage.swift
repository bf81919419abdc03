import ImageModel
package import NIOCore
package import Storage

/// A storage that follows the writer's side of the collection protocol (``CollectionLedger``) in every commit.
/// Everything that names a blob is written through it.
package final class GuardedStorage: ObjectStorage {
    private let base: any ObjectStorage
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

/// All other calls are forwarded unchanged.
extension GuardedStorage {
    package var traits: StorageTraits { base.traits }

    package var executor: (any TaskExecutor)? { base.executor }

    package func attributes(of key: ObjectKey) async throws(StorageError) -> ObjectAttributes? {
        try await base.attributes(of: key)
    }

    package func attributes(of keys: [ObjectKey]) async throws(StorageError) -> [ObjectAttributes?] {
        try await base.attributes(of: keys)
    }

    package func read(_ key: ObjectKey, limit: Int) async throws(StorageError) -> ByteBuffer? {
        try await base.read(key, limit: limit)
    }

    package func read(_ keys: [ObjectKey], limit: Int) async throws(StorageError) -> [ByteBuffer?] {
        try await base.read(keys, limit: limit)
    }

    package func open(_ key: ObjectKey) async throws(StorageError) -> (any ObjectReader)? { try await base.open(key) }

    package func open(_ key: ObjectKey, with link: ObjectKey, prefetching prefetch: Int)
        async throws(StorageError) -> LinkedObject
    {
        try await base.open(key, with: link, prefetching: prefetch)
    }

    package func list(_ prefix: ObjectKey, after name: String?, limit: Int) async throws(StorageError) -> [ObjectEntry]
    {
        try await base.list(prefix, after: name, limit: limit)
    }

    package func stage(_ purpose: StagingPurpose) async throws(StorageError) -> any StagedObject {
        try await base.stage(purpose)
    }

    package func resume(_ token: StagingToken) async throws(StorageError) -> (any StagedObject)? {
        try await base.resume(token)
    }

    package func removeAll(below prefix: ObjectKey, first keys: [ObjectKey]) async throws(StorageError) {
        try await base.removeAll(below: prefix, first: keys)
    }

    package func lease(_ key: ObjectKey, for holder: String) async throws(StorageError) -> any StorageLease {
        try await base.lease(key, for: holder)
    }
}

extension WriteBatch {
    /// The batch without its requirements, for tests that show why they are needed.
    fileprivate var unchecked: WriteBatch {
        WriteBatch(changes.filter { if case .require = $0 { false } else { true } })
    }
}
