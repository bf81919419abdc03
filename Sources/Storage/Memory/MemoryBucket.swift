import Glibc
package import NIOCore
import Synchronization

/// Objects in memory with the semantics of an object store, for tests of code that should run on one.
///
/// - Only keys exist: a prefix appears with the first key below it and disappears with the last.
/// - Prefixes have no versions, and keys cannot share bytes.
/// - Every change of a batch is a separate request. If one fails, the earlier ones remain applied, and other writers
///   may interleave. The same is true when the objects below a prefix are removed.
/// - Changes can be conditional on an object's absence or version.
/// - A change that comes after its batch's deadline is refused.
///
/// Several registries can share the same objects: each opens its own bucket over them.
package final class MemoryBucket: ObjectStorage {
    /// The objects, shared by all buckets opened over them.
    private final class Shared: Sendable {
        let objects: Mutex<BucketObjects>
        let leases = MemoryLeases()

        init(clock: @escaping @Sendable () -> Int64) { objects = Mutex(BucketObjects(clock: clock)) }
    }

    private let shared: Shared

    /// Creates an empty bucket.
    package convenience init() { self.init(clock: { timespec.now.nanosecondsSince1970 }) }

    /// Creates an empty bucket with its own clock.
    ///
    /// - Parameter clock: Returns the time that stamps objects and ends deadlines, in nanoseconds since 1970.
    package init(clock: @escaping @Sendable () -> Int64) { shared = Shared(clock: clock) }

    /// Creates a bucket over the objects of another.
    package init(sharing other: MemoryBucket) { shared = other.shared }

    package var traits: StorageTraits {
        StorageTraits(
            sharesBytes: false,
            prefixesHaveVersions: false,
            foreignWritersTruncate: false,
            conditions: .versions,
            isShared: true,
            hasExactVersions: true
        )
    }

    /// Performs one request.
    @discardableResult
    func request<Value, Failure: Error>(
        _ body: (inout BucketObjects) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try shared.objects.withLock { objects throws(Failure) in try body(&objects) }
    }
}

/// Reading.
extension MemoryBucket {
    package func attributes(of key: ObjectKey) async throws(StorageError) -> ObjectAttributes? {
        request { $0.attributes(of: key) }
    }

    package func read(_ key: ObjectKey, limit: Int) async throws(StorageError) -> ByteBuffer? {
        guard let bytes = request({ $0.object(key)?.bytes }) else { return nil }
        guard bytes.readableBytes <= limit else {
            throw .tooLarge(key, byteCount: Int64(bytes.readableBytes), limit: limit)
        }
        return bytes
    }

    package func open(_ key: ObjectKey) async throws(StorageError) -> (any ObjectReader)? {
        request { $0.object(key) }.map(MemoryReader.init)
    }

    /// An object store lists whole keys, and so `a-b/x` before `a/x`. That is why all names are listed and then sorted.
    package func list(_ prefix: ObjectKey, after name: String?, limit: Int) async throws(StorageError) -> [ObjectEntry]
    {
        let entries = request { $0.entries(of: prefix) }
            .sorted { $0.name.precedes($1.name) }
        let page = entries.drop { entry in
            guard let name else { return false }
            return !name.precedes(entry.name)
        }
        return Array(page.prefix(max(0, limit)))
    }
}

/// Writing.
extension MemoryBucket {
    package func commit(_ batch: WriteBatch) async throws(StorageError) {
        for case .require(let key, let byteCount) in batch.changes {
            try request { objects throws(StorageError) in try objects.require(key, byteCount: byteCount) }
        }
        for change in batch.changes {
            switch change {
            case .discard(let key): try await removeAll(below: key, first: [], by: batch.deadline)
            case .promote(let staged, let destination):
                let staged = try own(staged)
                try staged.copy(to: destination, by: batch.deadline)
                await Task.yield()
                if staged.place != destination { try staged.leave() }
            case .abandon(let staged): try own(staged).discard(by: batch.deadline)
            default:
                try request { objects throws(StorageError) in
                    if change.isWrite { try objects.check(batch.deadline, change.key) }
                    try objects.make(change)
                }
            }
            await Task.yield()
        }
    }

    package func stage(_ purpose: StagingPurpose) async throws(StorageError) -> any StagedObject {
        BucketStagedObject(purpose, in: self)
    }

    package func resume(_ token: StagingToken) async throws(StorageError) -> (any StagedObject)? {
        let (stored, state) = request { objects in
            (objects.object(token.data)?.bytes, token.state.flatMap { objects.object($0)?.bytes })
        }
        guard let stored else { return nil }
        return BucketStagedObject(.resumable(token), in: self, stored: stored, savedState: state)
    }

    private func own(_ staged: any StagedObject) throws(StorageError) -> BucketStagedObject {
        guard let staged = staged as? BucketStagedObject else {
            throw .unwritable(staged.place, reason: "it is staged in another storage")
        }
        return staged
    }

    package func removeAll(below prefix: ObjectKey, first keys: [ObjectKey]) async throws(StorageError) {
        try await removeAll(below: prefix, first: keys, by: nil)
    }

    private func removeAll(
        below prefix: ObjectKey,
        first keys: [ObjectKey],
        by deadline: Int64?
    ) async throws(StorageError) {
        for key in keys + request({ $0.keys(of: prefix) }) {
            try request { objects throws(StorageError) in
                try objects.check(deadline, key)
                _ = objects.remove(key)
            }
            await Task.yield()
        }
    }

    package func lease(_ key: ObjectKey, for holder: String) async throws(StorageError) -> any StorageLease {
        try shared.leases.take(key, for: holder)
    }
}
