import NIOCore
import Storage

/// The marks of a collection.
extension Collector {
    /// A complete mark with what other processes have announced.
    func newlyMarked(
        _ policy: CollectionPolicy,
        _ start: Int64,
        _ scope: Mark.Scope = .everything
    ) async throws -> Mark {
        let ledger = guarded.ledger
        let isShared = storage.traits.isShared
        var mark = newMark(policy, now: start) { [guarded] key, link throws(CollectionRefusal) in
            // Processes that share the storage announce their writes.
            guard !isShared, link.modified > start, link.modified != .max, !guarded.hasWritten(key) else { return }
            throw .foreignWriter(key)
        }
        do {
            try await mark.run(scope, { try await ledger.announced() }, intentsFirst: rules.contains(.intentsFirst))
        } catch {
            edges = mark.edges
            throw error
        }
        return mark
    }

    /// A mark that continues with the references known from earlier ones.
    func newMark(
        _ policy: CollectionPolicy,
        now: Int64,
        _ checkForeign: @escaping @Sendable (ObjectKey, ObjectAttributes) throws(CollectionRefusal) -> Void
    ) -> Mark {
        let known = edges
        edges = ManifestEdges()
        return Mark(
            storage,
            policy: policy,
            now: now,
            uses: guarded.uses,
            edges: known,
            checkForeign: checkForeign
        )
    }

    /// The current time by the storage's own clock, which also stamps its objects.
    func storageTime() async throws(StorageError) -> Int64 {
        let key = OwnLayout.collection.appending("started")
        try await storage.write(ByteBuffer(string: WallClock.timestamp), to: key, as: .cache)
        return try await storage.attributes(of: key)?.modified ?? WallClock.now
    }
}
