import NIOCore
import Storage
import Synchronization
import Testing

@testable import RegistryCore

@Suite("Turns of large documents") struct DocumentTurnTests {
    /// How many bytes are worked on at once.
    private final class Load: Sendable {
        let current = Atomic(0)
        let most = Atomic(0)

        func add(_ byteCount: Int) {
            let now = current.add(byteCount, ordering: .sequentiallyConsistent).newValue
            most.max(now, ordering: .sequentiallyConsistent)
        }
    }

    @Test(
        "allow only a limited number of bytes at once, or a single larger document",
        arguments: [40, 1024, 4096, 9216]
    )
    func limited(kibibytes: Int) async {
        let byteCount = kibibytes << 10
        let limit = 4 << 20
        let most = max(byteCount, limit)
        let turns = ByteTurns(byteLimit: limit)
        let load = Load()
        await withTaskGroup { group in
            for _ in 0..<300 {
                group.addTask {
                    await turns.perform(byteCount) {
                        load.add(byteCount)
                        await Task.yield()
                        load.current.subtract(byteCount, ordering: .sequentiallyConsistent)
                    }
                }
            }
        }
        #expect(load.most.load(ordering: .sequentiallyConsistent) <= most)
        #expect(load.current.load(ordering: .sequentiallyConsistent) == 0)
    }

    @Test("keep no small document waiting, and are given in the order of requests")
    func order() async {
        let turns = ByteTurns(byteLimit: 1 << 20)
        await turns.take(1 << 20)
        let (order, continuation) = AsyncStream.makeStream(of: Int.self)
        await withTaskGroup { group in
            for number in 0..<3 {
                group.addTask {
                    await turns.perform(700 << 10) { _ = continuation.yield(number) }
                }
                // Each waits before the next one arrives.
                while turns.waitingCount <= number { await Task.yield() }
            }
            #expect(await turns.perform(HeavyWork.smallDocumentByteCount) { 7 } == 7)
            turns.give(1 << 20)
        }
        continuation.finish()
        var numbers: [Int] = []
        for await number in order { numbers.append(number) }
        #expect(numbers == [0, 1, 2])
    }

    @Test("are taken once by work that reads several documents, and released when it fails")
    func scope() async throws {
        struct Refusal: Error {}
        let storage = MemoryStorage()
        let key = ObjectKey.root.appending("large")
        try await storage.write(ByteBuffer(repeating: 0x20, count: 4 << 20), to: key)
        for _ in 0..<3 {
            await #expect(throws: Refusal.self) {
                try await DocumentScope.reading {
                    for _ in 0..<3 {
                        let bytes = try await DocumentScope.reading {
                            try await storage.readDocument(key, limit: 4 << 20)
                        }
                        #expect(bytes?.readableBytes == 4 << 20)
                    }
                    throw Refusal()
                }
            }
        }
        await #expect(throws: StorageError.tooLarge(key, byteCount: 4 << 20, limit: 5)) {
            try await storage.readDocument(key, limit: 5)
        }
        await #expect(throws: StorageError.tooLarge(key, byteCount: 4 << 20, limit: 1 << 20)) {
            try await storage.readDocument(key, limit: 1 << 20)
        }
        #expect(try await storage.readDocument(ObjectKey.root.appending("none"), limit: 5) == nil)
    }
}
