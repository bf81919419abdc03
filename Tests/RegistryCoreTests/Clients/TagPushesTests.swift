import ImageModel
import Storage
import Synchronization
import Testing

@testable import RegistryCore

@Suite("The record of who set a tag")
struct TagPushesTests {
    private static func event(
        _ change: RegistryEvent.Change,
        by user: String?,
        in name: String = "app"
    ) throws -> RegistryEvent {
        let request = EventActor.Request(
            id: nil,
            address: "10.0.0.1",
            host: nil,
            method: "PUT",
            userAgent: "docker/28.3.2 go/go1.24.5 os/linux"
        )
        return RegistryEvent(
            change,
            in: EventRepository(try RepositoryName(parsing: name)),
            by: EventActor(user: user, interface: .v2, request: request)
        )
    }

    private static func set(_ tag: String) throws -> RegistryEvent.Change {
        .tagSet(tag, .manifest(try Digest(parsing: "sha256:" + String(repeating: "a", count: 64))))
    }

    @Test("follows pushes and deletions, and survives a restart")
    func life() async throws {
        let storage = MemoryStorage()
        let app = EventRepository(try RepositoryName(parsing: "app"))
        let before = TagPushes(storage: storage) { 1000 }
        for tag in ["1", "2", "3"] { before.note(try Self.event(Self.set(tag), by: "ci")) }
        before.note(try Self.event(.tagRemoved("2"), by: "ci"))
        try await before.save()
        let after = TagPushes(storage: storage) { 2000 }
        after.note(try Self.event(Self.set("3"), by: nil))
        try await after.load()
        #expect(after.push(of: "1", in: app) == TagPush(user: "ci", client: "docker/28.3.2", time: 1000))
        #expect(after.push(of: "2", in: app) == nil)
        #expect(after.push(of: "3", in: app) == TagPush(user: nil, client: "docker/28.3.2", time: 2000))
        after.note(try Self.event(.repositoryRemoved(tags: ["1", "3"]), by: "ci"))
        #expect(after.push(of: "1", in: app) == nil)
    }

    @Test("forgets the tags that were set longest ago")
    func bounds() throws {
        let time = Mutex<Int64>(0)
        let pushes = TagPushes(storage: MemoryStorage()) {
            time.withLock { time in
                time += 1
                return time
            }
        }
        for number in 0...TagPushes.limit { pushes.note(try Self.event(Self.set("v\(number)"), by: "ci")) }
        let app = EventRepository(try RepositoryName(parsing: "app"))
        #expect(pushes.push(of: "v0", in: app) == nil)
        #expect(pushes.push(of: "v\(TagPushes.limit)", in: app) != nil)
    }
}
