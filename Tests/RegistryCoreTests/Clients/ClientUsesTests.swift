import NIOCore
import Storage
import Synchronization
import Testing

@testable import RegistryCore

@Suite("The record of clients")
struct ClientUsesTests {
    private final class Clock: Sendable {
        let seconds = Atomic<Int64>(1000)
        var now: @Sendable () -> Int64 { { self.seconds.load(ordering: .relaxed) } }
        func advance() { seconds.add(1, ordering: .relaxed) }
    }

    private static func key(
        _ interface: EventActor.Interface,
        _ repository: String,
        address: String = "10.0.0.1"
    ) -> ClientUse.Key {
        ClientUse.Key(
            interface: interface,
            agent: "docker/1.5.0 go/go1.4.1",
            repository: repository,
            user: "ci",
            address: address
        )
    }

    @Test("counts requests, keeps the first and the last time, and knows both spellings of a name")
    func counting() {
        let clock = Clock()
        let uses = ClientUses(storage: MemoryStorage(), now: clock.now)
        uses.note(Self.key(.v1, "library/centos"))
        clock.advance()
        uses.note(Self.key(.v1, "centos"))
        uses.note(Self.key(.v2, "centos"))
        let v1 = uses.all.filter { $0.key.interface == .v1 }
        #expect(v1 == [ClientUse(key: Self.key(.v1, "centos"), first: 1000, last: 1001, count: 2)])
        #expect(uses.all.count == 2)
        #expect(v1.first?.era == .dockerV1)
    }

    @Test("survives a restart, and adds to what was recorded before")
    func restart() async throws {
        let storage = MemoryStorage()
        let clock = Clock()
        let before = ClientUses(storage: storage, now: clock.now)
        before.note(Self.key(.v1, "team/app"))
        try await before.save()
        clock.advance()
        let after = ClientUses(storage: storage, now: clock.now)
        after.note(Self.key(.v1, "team/app"))
        try await after.load()
        #expect(after.all == [ClientUse(key: Self.key(.v1, "team/app"), first: 1000, last: 1001, count: 2)])
        #expect(after.since == 1000)
    }

    @Test("treats a damaged file as missing")
    func damage() async throws {
        let storage = MemoryStorage()
        try await storage.write(ByteBuffer(string: "{"), to: ObjectKey.root.appending("longshore/clients/v1"))
        let uses = ClientUses(storage: storage)
        try await uses.load()
        #expect(uses.all.isEmpty)
    }

    @Test("forgets the clients that were seen longest ago, and never those of the other protocol")
    func bounds() {
        let clock = Clock()
        let uses = ClientUses(storage: MemoryStorage(), now: clock.now)
        uses.note(Self.key(.v1, "old"))
        for number in 0...ClientUses.limit {
            clock.advance()
            uses.note(Self.key(.v2, "app", address: "\(number)"))
        }
        #expect(uses.all.count <= ClientUses.limit + 1)
        #expect(uses.all.contains { $0.key.interface == .v1 })
        #expect(uses.all.first?.key.address == "\(ClientUses.limit)")
        #expect(!uses.all.contains { $0.key.address == "0" })
    }

    @Test("cuts long texts")
    func lengths() {
        let key = Self.key(.v1, String(repeating: "a", count: 5000))
        #expect(key.repository.utf8.count == ClientUse.Key.textLimit)
    }
}
