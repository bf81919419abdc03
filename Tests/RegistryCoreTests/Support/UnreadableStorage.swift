import NIOCore
import Storage
import Synchronization
import TestSupport

/// A storage in which nothing can be opened until it is repaired.
final class UnreadableStorage: ForwardingStorage {
    let base: any ObjectStorage
    private let isMended = Mutex(false)

    init(_ base: any ObjectStorage) { self.base = base }

    /// Makes everything readable from now on.
    func mend() { isMended.withLock { $0 = true } }

    func stage(_ purpose: StagingPurpose) async throws(StorageError) -> any StagedObject {
        ForwardingStagedObject(
            try await base.stage(purpose),
            onRead: { [self] () throws(StorageError) in try refuseUnlessMended(purpose.place) }
        )
    }

    func open(_ key: ObjectKey) async throws(StorageError) -> (any ObjectReader)? {
        try refuseUnlessMended(key)
        return try await base.open(key)
    }

    private func refuseUnlessMended(_ key: ObjectKey) throws(StorageError) {
        guard isMended.withLock({ $0 }) else { throw .unreadable(key, reason: "the disk fails") }
    }
}
