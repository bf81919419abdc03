import Storage
import Synchronization

@testable import RegistryCore

/// A storage that records the JSONs of v1 images that are removed, in order.
final class RemovalRecorder: ForwardingStorage {
    let base: any ObjectStorage
    private let keys = Mutex<[ObjectKey]>([])

    init(_ base: any ObjectStorage) { self.base = base }

    var removed: [ObjectKey] { keys.withLock { $0 } }

    func commit(_ batch: WriteBatch) async throws(StorageError) {
        for case .remove(let key, _) in batch.changes where V1Layout.imageFile(key)?.name == "json" {
            keys.withLock { $0.append(key) }
        }
        try await base.commit(batch)
    }
}
