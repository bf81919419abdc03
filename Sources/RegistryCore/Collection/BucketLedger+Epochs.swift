package import ImageModel
import NIOCore
package import Storage
import Synchronization

/// An epoch that a process began in a ``BucketLedger``.
struct BucketEpoch: Sendable {
    /// Content condemned together.
    struct Batch: Sendable {
        /// The content whose condemnation stands.
        var content: Set<Digest>
        /// The content that this process tried to judge, and that may be deleted until the condemnation is lifted.
        var doomed: Set<Digest> = []
        /// When verdicts to delete must have been given.
        let deadline: Int64
    }

    /// Keeps other processes from beginning an epoch. Nothing relies on it.
    let lease: any StorageLease
    var batchCount = 0
    var batches: [ObjectKey: Batch] = [:]
    /// The batch of each condemned digest.
    var places: [Digest: ObjectKey] = [:]
}

/// The collector's side.
extension BucketLedger {
    /// The number of digests to condemn with one object.
    private static let batchLimit = 1024
    /// The number of objects to read or remove in one step.
    private static let stepCount = 64

    package func beginEpoch() async throws(StorageError) -> UInt64 {
        let lease = try await storage.lease(OwnLayout.collectionLease, for: "a collection")
        try await trim(before: lease.term)
        state.withLock { $0.epochs[lease.term] = BucketEpoch(lease: lease) }
        return lease.term
    }

    package func announced() async throws(StorageError) -> Set<Digest> {
        var all: Set<Digest> = []
        var rest = try await storage.list(OwnLayout.intents).map { OwnLayout.intents.appending($0.name) }[...]
        guard !rest.isEmpty else { return [] }
        // Read before the links: a write whose announcement has expired by now has taken effect, or never will.
        let now = try await now()
        while !rest.isEmpty {
            let keys = Array(rest.prefix(Self.stepCount))
            rest = rest.dropFirst(keys.count)
            let attributes = try await storage.attributes(of: keys)
            let contents = try await storage.read(keys, limit: DigestLines.byteLimit)
            var expired = WriteBatch()
            for ((key, attributes), bytes) in zip(zip(keys, attributes), contents) {
                // Withdrawn in the meantime: its links were written, and will be seen.
                guard let attributes, let bytes else { continue }
                if attributes.modified.clampedAdding(Self.intentLifetime.nanoseconds) < now {
                    expired.remove(key)
                } else {
                    all.formUnion(try DigestLines.decoded(bytes, key))
                }
            }
            if !expired.changes.isEmpty { try await storage.commit(expired) }
        }
        return all
    }

    package func condemn(_ content: [Digest], in epoch: UInt64) async throws(StorageError) {
        var rest = content[...]
        while !rest.isEmpty {
            let some = Set(rest.prefix(Self.batchLimit))
            rest = rest.dropFirst(Self.batchLimit)
            let number = state.withLock { state in
                state.epochs[epoch]?.batchCount += 1
                return state.epochs[epoch]?.batchCount ?? 0
            }
            let key = OwnLayout.condemned(in: epoch).appending("\(number)")
            var batch = WriteBatch()
            batch.put(DigestLines.encoded(some), at: key, if: .absent)
            try await storage.commit(batch)
            let deadline = try await modified(key).clampedAdding(Self.condemnationLifetime.nanoseconds)
            state.withLock { state in
                state.epochs[epoch]?.batches[key] = BucketEpoch.Batch(content: some, deadline: deadline)
                for digest in some { state.epochs[epoch]?.places[digest] = key }
            }
        }
    }

    /// Notes that content is about to be judged, and returns when the verdict must have been given.
    func doom(_ condemnation: Condemnation) -> Int64? {
        state.withLock { state in
            guard let epoch = state.epochs[condemnation.epoch], let key = epoch.places[condemnation.content] else {
                return nil
            }
            state.epochs[condemnation.epoch]?.batches[key]?.doomed.insert(condemnation.content)
            return epoch.batches[key]?.deadline
        }
    }

    package func lift(_ content: [Digest], in epoch: UInt64) async throws(StorageError) {
        let lifted = state.withLock { state in
            var keys: Set<ObjectKey> = []
            for digest in content {
                guard let key = state.epochs[epoch]?.places.removeValue(forKey: digest) else { continue }
                state.epochs[epoch]?.batches[key]?.content.remove(digest)
                state.epochs[epoch]?.batches[key]?.doomed.remove(digest)
                guard state.epochs[epoch]?.batches[key]?.content.isEmpty ?? false else { continue }
                state.epochs[epoch]?.batches[key] = nil
                keys.insert(key)
            }
            return keys.sorted()
        }
        try await remove(lifted)
    }

    /// Ends an epoch. Condemnations of content that a lost request may still delete stay until the next epoch removes
    /// them.
    package func endEpoch(_ epoch: UInt64) async throws(StorageError) {
        guard let ended = state.withLock({ $0.epochs.removeValue(forKey: epoch) }) else { return }
        try await remove(ended.batches.filter { $0.value.doomed.isEmpty }.keys.sorted())
        try await ended.lease.release()
    }

    /// Removes what earlier epochs left behind, once nothing can rely on it.
    private func trim(before epoch: UInt64) async throws(StorageError) {
        let now = try await now()
        let condemnationAge = (Self.condemnationLifetime + Self.deletionTime).nanoseconds
        try await trim(OwnLayout.condemned, before: epoch, modifiedBefore: now.clampedSubtracting(condemnationAge))
        // A writer may have read the condemnation just before it was removed.
        let verdictAge = condemnationAge.clampedAdding(Self.intentLifetime.nanoseconds)
        try await trim(OwnLayout.verdicts, before: epoch, modifiedBefore: now.clampedSubtracting(verdictAge))
    }

    private func trim(_ root: ObjectKey, before limit: UInt64, modifiedBefore time: Int64) async throws(StorageError) {
        for epoch in try await epochs(below: root) where epoch.number != limit {
            let entries = try await storage.list(epoch.key)
            var rest = entries.map { epoch.key.appending($0.name) }[...]
            while !rest.isEmpty {
                let keys = Array(rest.prefix(Self.stepCount))
                rest = rest.dropFirst(keys.count)
                let old = zip(keys, try await storage.attributes(of: keys)).filter { _, attributes in
                    attributes.map { $0.modified < time } ?? false
                }
                try await remove(old.map(\.0))
            }
        }
    }

    /// The epochs that have objects below a prefix.
    func epochs(below root: ObjectKey) async throws(StorageError) -> [(number: UInt64, key: ObjectKey)] {
        try await storage.list(root).compactMap { entry in
            UInt64(entry.name).map { ($0, root.appending(entry.name)) }
        }
    }

    private func remove(_ keys: [ObjectKey]) async throws(StorageError) {
        guard !keys.isEmpty else { return }
        var batch = WriteBatch()
        for key in keys { batch.remove(key) }
        try await storage.commit(batch)
    }
}
