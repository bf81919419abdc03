import ImageModel
import NIOCore
import Storage
import Synchronization
import TestSupport
import Testing

@testable import RegistryCore

/// Repeated reads of the same storage keys.
@Suite("What was read before")
struct LookTests {
    /// A storage that counts reading calls.
    private final class LookCounter: ForwardingStorage {
        let base: any ObjectStorage
        private let count = Atomic(0)

        init(_ base: any ObjectStorage) { self.base = base }

        /// The number of calls that `work` makes.
        func calls(of work: () async throws -> Void) async throws -> Int {
            count.store(0, ordering: .relaxed)
            try await work()
            return count.load(ordering: .relaxed)
        }

        private func note() { count.add(1, ordering: .relaxed) }

        func attributes(of key: ObjectKey) async throws(StorageError) -> ObjectAttributes? {
            note()
            return try await base.attributes(of: key)
        }

        func attributes(of keys: [ObjectKey]) async throws(StorageError) -> [ObjectAttributes?] {
            note()
            return try await base.attributes(of: keys)
        }

        func read(_ key: ObjectKey, limit: Int) async throws(StorageError) -> ByteBuffer? {
            note()
            return try await base.read(key, limit: limit)
        }

        func open(_ key: ObjectKey) async throws(StorageError) -> (any ObjectReader)? {
            note()
            return try await base.open(key)
        }

        func list(_ prefix: ObjectKey, after name: String?, limit: Int) async throws(StorageError) -> [ObjectEntry] {
            note()
            return try await base.list(prefix, after: name, limit: limit)
        }
    }

    @Test("is not read again, even while others push, but once after its own change")
    func looks() async throws {
        for storage in [MemoryStorage(), MemoryBucket()] as [any ObjectStorage] {
            let counter = LookCounter(storage)
            var configuration = Registry.Configuration(conversionConcurrency: 1)
            configuration.window = .seconds(3600)
            let registry = openRegistry(counter, configuration)
            let name = try RepositoryName(parsing: "app")
            let other = try RepositoryName(parsing: "other")
            let latest = Reference.tag(try ImageModel.Tag(parsing: "latest"))
            let digest = try await registry.push("one", as: latest, in: name)
            func pull() async throws {
                #expect(try await registry.manifest(latest, in: name).digest == digest)
                #expect(try await registry.manifest(.digest(digest), in: name).digest == digest)
            }
            _ = try await pull()
            #expect(try await counter.calls { try await pull() } == 0)
            // A change may invalidate an unrelated key, about once in a hundred times.
            var looks = 0
            for number in 0..<10 {
                _ = try await registry.push("\(number)", as: latest, in: other)
                looks += try await counter.calls { try await pull() } > 0 ? 1 : 0
            }
            #expect(looks < 3)
            _ = try await registry.push("one", as: latest, in: name)
            #expect(try await counter.calls { try await pull() } > 0)
            #expect(try await counter.calls { try await pull() } == 0)
        }
    }
}
