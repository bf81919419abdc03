import NIOCore
import Storage
import Synchronization
import TestSupport

/// A storage whose process dies after some writes: all later writes fail without effect.
final class DyingStorage: ForwardingStorage {
    let base: any ObjectStorage
    private let remaining: Mutex<Int>
    private let isClockStopped: Bool

    /// - Parameters:
    ///   - writeCount: The number of writes that succeed.
    ///   - isClockStopped: Whether all writes seem to happen at the same time, as on a file system with a coarse clock.
    init(_ storage: any ObjectStorage, after writeCount: Int, isClockStopped: Bool) {
        base = storage
        self.remaining = Mutex(writeCount)
        self.isClockStopped = isClockStopped
    }

    /// Whether a write has failed.
    var isDead: Bool { remaining.withLock { $0 < 0 } }

    func attributes(of key: ObjectKey) async throws(StorageError) -> ObjectAttributes? {
        let attributes = try await base.attributes(of: key)
        guard isClockStopped, let attributes else { return attributes }
        return ObjectAttributes(
            kind: attributes.kind,
            byteCount: attributes.byteCount,
            modified: 0,
            version: attributes.version
        )
    }

    func commit(_ batch: WriteBatch) async throws(StorageError) {
        // Removing what does not exist, or keeping what does, is not a write.
        try await commit(batch) { (key, single) async throws(StorageError) in
            try live(key)
            try await base.commit(single)
        }
    }

    func stage(_ purpose: StagingPurpose) async throws(StorageError) -> any StagedObject {
        ForwardingStagedObject(try await base.stage(purpose)) { [self] key, change async throws(StorageError) in
            try live(key)
            try await change()
        }
    }

    func removeAll(below prefix: ObjectKey, first keys: [ObjectKey]) async throws(StorageError) {
        for key in keys { try await remove(key) }
        guard try await base.attributes(of: prefix) != nil else { return }
        try live(prefix)
        try await base.removeAll(below: prefix)
    }

    private func live(_ key: ObjectKey) throws(StorageError) {
        let isLive = remaining.withLock { remaining in
            remaining -= 1
            return remaining >= 0
        }
        guard isLive else { throw .unwritable(key, reason: "the process is dead") }
    }
}
