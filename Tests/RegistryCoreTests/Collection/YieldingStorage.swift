import NIOCore
import Storage
import Synchronization
import TestSupport

/// A storage whose calls take time: other tasks run before or after each, occasionally many, as a seed determines.
///
/// With a clock, the changes of a batch are separate requests, as in an object store, and each may be delayed for hours.
final class YieldingStorage: ForwardingStorage {
    let base: any ObjectStorage
    private let executor: SeededExecutor
    private let clock: ScheduleClock?
    private let generator: Mutex<SeededGenerator>
    private let isQuick = Atomic(false)

    init(_ base: any ObjectStorage, on executor: SeededExecutor, clock: ScheduleClock? = nil, seed: UInt64) {
        self.base = base
        self.executor = executor
        self.clock = clock
        generator = Mutex(SeededGenerator(seed: seed))
    }

    /// Calls take no more time from now on.
    func endYields() { isQuick.store(true, ordering: .relaxed) }

    /// - Parameter rarity: On average, one in this many calls waits long.
    private func yielding<Value>(
        rarity: UInt64 = 40,
        _ call: () async throws(StorageError) -> Value
    ) async throws(StorageError) -> Value {
        if isQuick.load(ordering: .relaxed) { return try await call() }
        // One number for all decisions: the schedules are many.
        let number = generator.withLock { $0.next() }
        if number % rarity == 0 {
            await executor.pause(Int(truncatingIfNeeded: number >> 40) % 600 + 1)
        } else if number >> 32 & 1 == 0 {
            await Task.yield()
        }
        let value = try await call()
        if number >> 32 & 1 == 1 { await Task.yield() }
        return value
    }

    func attributes(of key: ObjectKey) async throws(StorageError) -> ObjectAttributes? {
        try await yielding { () async throws(StorageError) in try await base.attributes(of: key) }
    }

    func attributes(of keys: [ObjectKey]) async throws(StorageError) -> [ObjectAttributes?] {
        try await yielding { () async throws(StorageError) in try await base.attributes(of: keys) }
    }

    func read(_ key: ObjectKey, limit: Int) async throws(StorageError) -> ByteBuffer? {
        try await yielding { () async throws(StorageError) in try await base.read(key, limit: limit) }
    }

    func read(_ keys: [ObjectKey], limit: Int) async throws(StorageError) -> [ByteBuffer?] {
        try await yielding { () async throws(StorageError) in try await base.read(keys, limit: limit) }
    }

    func open(_ key: ObjectKey) async throws(StorageError) -> (any ObjectReader)? {
        try await yielding { () async throws(StorageError) in try await base.open(key) }
    }

    func list(_ prefix: ObjectKey, after name: String?, limit: Int) async throws(StorageError) -> [ObjectEntry] {
        try await yielding { () async throws(StorageError) in
            try await base.list(prefix, after: name, limit: limit)
        }
    }

    func commit(_ batch: WriteBatch) async throws(StorageError) {
        guard let clock else {
            return try await yielding(rarity: 3) { () async throws(StorageError) in try await base.commit(batch) }
        }
        let requirements = batch.changes.filter { !$0.isWrite }
        if !requirements.isEmpty {
            try await yielding { () async throws(StorageError) in try await base.commit(WriteBatch(requirements)) }
        }
        for change in batch.changes {
            let request = WriteBatch([change], deadline: batch.deadline)
            try await yielding(rarity: 8) { () async throws(StorageError) in
                generator.withLock { clock.delay(&$0) }
                try await base.commit(request)
            }
        }
    }

    /// With a clock, every collector believes that it holds the lease.
    func lease(_ key: ObjectKey, for holder: String) async throws(StorageError) -> any StorageLease {
        guard let clock else { return try await base.lease(key, for: holder) }
        return BelievedLease(term: clock.nextTerm())
    }
}

/// The clock of a bucket in a schedule, in nanoseconds since 1970.
final class ScheduleClock: Sendable {
    private let time = Atomic<Int64>(1_700_000_000_000_000_000)
    private let term = Atomic<UInt64>(0)
    private let hasDelays = Atomic(true)

    var now: Int64 { time.load(ordering: .relaxed) }

    func advance(by duration: Duration) { time.add(duration.components.seconds * 1_000_000_000, ordering: .relaxed) }

    /// Delays a request: rarely for as long as a deletion, an announcement or a condemnation lasts.
    func delay(_ generator: inout SeededGenerator) {
        guard hasDelays.load(ordering: .relaxed) else { return }
        switch Int.random(in: 0..<60, using: &generator) {
        case 0: advance(by: .seconds(40))
        case 1: advance(by: .seconds(4000))
        case 2: if Bool.random(using: &generator) { advance(by: .seconds(25_000)) }
        default: time.add(Int64.random(in: 1..<100_000_000, using: &generator), ordering: .relaxed)
        }
    }

    /// Ends all delays.
    func endDelays() { hasDelays.store(false, ordering: .relaxed) }

    fileprivate func nextTerm() -> UInt64 { term.add(1, ordering: .relaxed).newValue }
}

/// A lease that keeps nobody else out.
private struct BelievedLease: StorageLease {
    let term: UInt64

    func release() async throws(StorageError) {}
}
