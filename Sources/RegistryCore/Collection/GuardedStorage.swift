import ImageModel
import NIOCore
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
    ///
    /// - Parameter ledger: Nil for one in the storage if it is shared, and otherwise in the memory of the only process
    ///   that writes.
    package init(
        _ base: any ObjectStorage,
        ledger: (any CollectionLedger)? = nil,
        rules: CollectionRules = .all
    ) {
        self.base = base
        self.ledger = ledger ?? (base.traits.isShared ? BucketLedger(base) : MemoryLedger())
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
            if error.isRefusal { try await ledger.withdraw(intent) } else { try await ledger.abandon(intent) }
            throw error
        }
        try await ledger.withdraw(intent)
    }

    private func commit(_ batch: WriteBatch, _ intent: WriteIntent) async throws(StorageError) {
        guard uses.isKept || intent.content != nil else { return try await base.commit(batch) }
        let named = NamedContent(of: batch)
        uses.note(named.content)
        guard let content = intent.content, !content.isEmpty else { return try await base.commit(batch) }
        if !rules.contains(.intent) { try await ledger.withdraw(intent) }
        var batch = traits.isShared ? batch.renewingLinks : batch
        if rules.contains(.linkDeadline), let deadline = intent.deadline {
            batch.deadline = min(deadline, batch.deadline ?? deadline)
        }
        for key in try await named.needs(try await save(content), in: base) { batch.require(key) }
        ownLinks.begin(named.links)
        defer { ownLinks.end(named.links) }
        try await base.commit(rules.contains(.lastLook) ? batch : batch.unchecked)
    }

    /// Renews the link of a blob that a client was told is present, unless it is young: its age protects the blob from
    /// collectors in other processes, which do not know of uses in this one.
    func renew(_ link: ObjectKey, to blob: Digest) async throws(StorageError) {
        guard traits.isShared, uses.isKept, let present = try await base.attributes(of: link),
            WallClock.age(of: present.modified) > uses.span.nanoseconds
        else { return }
        var batch = WriteBatch()
        batch.require(V2Layout.blobData(blob))
        batch.put(ByteBuffer(string: blob.description), at: link)
        try await commit(batch)
    }

    /// Saves condemned content, and returns the content that was deleted before it could be saved.
    private func save(_ content: Set<Digest>) async throws(StorageError) -> [Digest] {
        var lost: [Digest] = []
        for condemnation in try await ledger.condemnations(of: content) {
            guard try await ledger.judge(condemnation, .keep).verdict == .delete else { continue }
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
    /// The batch with links to layers and manifests written even if they are right, so that they are young.
    fileprivate var renewingLinks: WriteBatch {
        WriteBatch(
            changes.map { change in
                guard case .ensure(let bytes, let key, _) = change,
                    V2Layout.digest(ofLayer: key) != nil || V2Layout.digest(ofRevision: key) != nil
                else { return change }
                return .put(bytes, at: key, .any, .durable)
            },
            deadline: deadline
        )
    }

    /// The batch without its requirements, for tests that show why they are needed.
    fileprivate var unchecked: WriteBatch {
        WriteBatch(changes.filter { if case .require = $0 { false } else { true } }, deadline: deadline)
    }
}
