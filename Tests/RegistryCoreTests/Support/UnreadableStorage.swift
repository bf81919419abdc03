import NIOCore
import Storage
import Synchronization
import TestSupport

/// A storage of which nothing can be opened until it is mended.
final class UnreadableStorage: ForwardingStorage {
    let base: any ObjectStorage
    private let isMended = Mutex(false)

    init(_ base: any ObjectStorage) { self.base = base }

    /// Lets everything be opened from now on.
    func mend() { isMended.withLock { $0 = true } }

    func open(_ key: ObjectKey) async throws(StorageError) -> (any ObjectReader)? {
        guard isMended.withLock({ $0 }) else { throw .unreadable(key, reason: "the disk fails") }
        return try await base.open(key)
    }
}
