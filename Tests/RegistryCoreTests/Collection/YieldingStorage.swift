import NIOCore
import Storage
import Synchronization
import TestSupport

/// A storage that yields to other tasks before and after each call, occasionally many times, as a seed determines.
final class YieldingStorage: ForwardingStorage {
    let base: any ObjectStorage
    private let generator: Mutex<SeededGenerator>

    init(_ base: any ObjectStorage, seed: UInt64) {
        self.base = base
        generator = Mutex(SeededGenerator(seed: seed))
    }

    /// - Parameter rarity: On average, one in this many calls yields many times.
    private func yielding<Value>(
        rarity: Int = 40,
        _ call: () async throws(StorageError) -> Value
    ) async throws(StorageError) -> Value {
        let turns = generator.withLock { generator in
            Int.random(in: 0..<rarity, using: &generator) == 0 ? Int.random(in: 1...250, using: &generator) : 1
        }
        for _ in 0..<turns { await Task.yield() }
        let value = try await call()
        await Task.yield()
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
        try await yielding(rarity: 3) { () async throws(StorageError) in try await base.commit(batch) }
    }
}
