import NIOCore
import Storage
import Synchronization
import TestSupport

/// A storage that records the names of calls with durable effects.
final class WriteRecorder: ForwardingStorage {
    let base: any ObjectStorage
    private let names = Mutex<[String]>([])

    init(_ base: any ObjectStorage) { self.base = base }

    /// The durable changes that `work` makes.
    func writes(of work: () async throws -> Void) async throws -> [String] {
        names.withLock { $0 = [] }
        try await work()
        return names.withLock { $0 }
    }

    private func note(_ name: String) { names.withLock { $0.append(name) } }

    func commit(_ batch: WriteBatch) async throws(StorageError) {
        if batch.isDurable { note("commit") }
        try await base.commit(batch)
    }

    func removeAll(below prefix: ObjectKey, first keys: [ObjectKey]) async throws(StorageError) {
        note("removeAll \(prefix)")
        try await base.removeAll(below: prefix, first: keys)
    }
}
