package import ImageModel
import NIOCore
package import Storage
import Synchronization

/// The ledger for a storage that several processes write to: announcements, condemnations and verdicts are objects, and
/// the storage decides which verdict came first.
///
/// A process may stop anywhere and wake up late, and requests may be delayed. So everything has a lifetime, measured by
/// the storage's clock, and deadlines keep late requests from taking effect.
package final class BucketLedger: CollectionLedger {
    /// How long an announcement counts: a write takes effect within this time, or not at all.
    static let intentLifetime = Duration.seconds(3600)
    /// How long after its verdict a deletion may take effect.
    static let deletionTime = Duration.seconds(30)
    /// How long after a condemnation a verdict to delete may be given. Later, anyone may lift it.
    static let condemnationLifetime = Duration.seconds(6 * 3600)

    /// How often to check whether a deletion is over.
    private static let pollInterval = Duration.milliseconds(250)

    /// What this process knows and does.
    struct State {
        /// The condemned content in the batches that are in the storage, each of which never changes.
        var batches: [ObjectKey: Set<Digest>] = [:]
        /// The epochs that this process began and has not ended.
        var epochs: [UInt64: BucketEpoch] = [:]
    }

    let storage: any ObjectStorage
    let state = Mutex(State())
    private let pause: @Sendable (Duration) async -> Void
    private let numbers: @Sendable () -> UInt64

    /// - Parameters:
    ///   - storage: The shared storage.
    ///   - pause: Waits; tests advance a clock instead.
    ///   - numbers: Returns the number of an announcement: positive, and unique among all processes.
    package init(
        _ storage: any ObjectStorage,
        pause: @escaping @Sendable (Duration) async -> Void = BucketLedger.sleep,
        numbers: @escaping @Sendable () -> UInt64 = { .random(in: 1...UInt64.max) }
    ) {
        self.storage = storage
        self.pause = pause
        self.numbers = numbers
    }

    /// Sleeps, even in a cancelled task: a write that has begun to wait for a deletion must not ask continuously.
    @Sendable package static func sleep(_ duration: Duration) async {
        _ = await Task.detached { try await Task.sleep(for: duration) }.result
    }

    /// The storage's current time.
    func now() async throws(StorageError) -> Int64 {
        let key = OwnLayout.collectionClock
        try await storage.write(ByteBuffer(string: WallClock.timestamp), to: key, as: .cache)
        return try await modified(key)
    }

    /// When an object that this process has just written was stamped.
    func modified(_ key: ObjectKey) async throws(StorageError) -> Int64 {
        guard let attributes = try await storage.attributes(of: key) else { throw .absent(key) }
        return attributes.modified
    }
}

/// The writer's side.
extension BucketLedger {
    package func announce(
        _ content: @Sendable () async throws(StorageError) -> Set<Digest>
    ) async throws(StorageError) -> WriteIntent {
        let content = try await content()
        guard !content.isEmpty else { return WriteIntent(number: 0, content: []) }
        let number = numbers()
        let key = OwnLayout.intent(number)
        var batch = WriteBatch()
        batch.put(DigestLines.encoded(content), at: key, if: .absent, as: .cache)
        try await storage.commit(batch)
        let deadline = try await modified(key).clampedAdding(Self.intentLifetime.nanoseconds)
        return WriteIntent(number: number, content: content, deadline: deadline)
    }

    package func withdraw(_ intent: WriteIntent) async throws(StorageError) {
        if intent.number != 0 { try await storage.remove(OwnLayout.intent(intent.number)) }
    }

    /// Leaves the announcement to expire.
    package func abandon(_ intent: WriteIntent) async {}

    package func condemnations(of content: Set<Digest>) async throws(StorageError) -> [Condemnation] {
        var found: Set<Condemnation> = []
        var present: Set<ObjectKey> = []
        for epoch in try await epochs(below: OwnLayout.condemned) {
            for entry in try await storage.list(epoch.key) {
                let key = epoch.key.appending(entry.name)
                present.insert(key)
                let condemned = try await condemned(key)
                for digest in content where condemned.contains(digest) {
                    found.insert(Condemnation(content: digest, epoch: epoch.number))
                }
            }
        }
        state.withLock { state in
            for key in state.batches.keys where !present.contains(key) { state.batches[key] = nil }
        }
        return found.sorted { ($0.epoch, $0.content) < ($1.epoch, $1.content) }
    }

    /// The content of a batch of condemnations; empty if it was lifted.
    private func condemned(_ key: ObjectKey) async throws(StorageError) -> Set<Digest> {
        if let known = state.withLock({ $0.batches[key] }) { return known }
        guard let bytes = try await storage.read(key, limit: DigestLines.byteLimit) else { return [] }
        let content = try DigestLines.decoded(bytes, key)
        state.withLock { $0.batches[key] = content }
        return content
    }

    package func judge(_ condemnation: Condemnation, _ verdict: CollectionVerdict) async throws(StorageError)
        -> CollectionJudgment
    {
        let key = OwnLayout.verdict(condemnation)
        var batch = WriteBatch()
        batch.put(ByteBuffer(string: verdict.rawValue), at: key, if: .absent)
        if verdict == .delete { batch.deadline = doom(condemnation) }
        do throws(StorageError) { try await storage.commit(batch) } catch {
            switch error {
            // Only its own collector gives the verdict to delete, so the object tells who came first.
            case .changed: break
            case .expired: return CollectionJudgment(.keep)
            default: throw error
            }
        }
        let attributes = try await storage.attributes(of: key)
        let text = try await storage.read(key, limit: 64).map { String(buffer: $0) }
        guard let attributes, let first = text.flatMap(CollectionVerdict.init(rawValue:)) else {
            // Its epoch ended long ago: the writer looks at the bytes, and the collector deletes nothing.
            return CollectionJudgment(verdict == .keep ? .delete : .keep)
        }
        // After its condemnation was lifted, an earlier verdict to delete may have been removed.
        if first == .keep, verdict == .keep, try await !isStanding(condemnation) { return CollectionJudgment(.delete) }
        guard first == .delete else { return CollectionJudgment(.keep) }
        return CollectionJudgment(
            .delete,
            deadline: attributes.modified.clampedAdding(Self.deletionTime.nanoseconds)
        )
    }

    package func waitUntilLifted(_ condemnation: Condemnation) async throws(StorageError) {
        guard let verdict = try await storage.attributes(of: OwnLayout.verdict(condemnation)) else { return }
        let end = verdict.modified.clampedAdding(Self.deletionTime.nanoseconds)
        while try await isStanding(condemnation), try await now() <= end { await pause(Self.pollInterval) }
    }

    private func isStanding(_ condemnation: Condemnation) async throws(StorageError) -> Bool {
        let epoch = OwnLayout.condemned(in: condemnation.epoch)
        for entry in try await storage.list(epoch) {
            if try await condemned(epoch.appending(entry.name)).contains(condemnation.content) { return true }
        }
        return false
    }
}
