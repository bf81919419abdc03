import RegistryCore
import RegistryHTTP
import Storage
import Synchronization
import Testing

/// The author of a change, from the request to the event.
@Suite("An event") struct EventActorTests {
    final class Listener: Sendable {
        let events = Mutex<[RegistryEvent]>([])
    }

    @Test("names the user, the protocol and the request", arguments: [EventActor.Interface.v1, .v2])
    func actor(interface: EventActor.Interface) async throws {
        let users = try ScratchTree()
        try users.write(try AccessWorld.users(), to: "users")
        let access = try AccessWorld.settings(users: "\(users.path)/users")
        let listener = Listener()
        try await withRegistry(over: MemoryStorage(), access: access) { port, registry in
            registry.events.subscribe { event in listener.events.withLock { $0.append(event) } }
            let caller = AccessClient(port: port, person: .ci)
            if interface == .v1 {
                let layer = try TestLayer.gzip(TestLayer.tar("p", [1]))
                let image = TestImage(TestImage.id("fa"), comment: "c", layer: layer)
                try await caller.push(image, to: "team/new", tag: "1")
            } else {
                _ = try await caller.push(blob: [1], into: "team/new")
                _ = try await caller.push(manifestOf: [1], into: "team/new", tag: "1")
            }
        }
        let events = listener.events.withLock(\.self)
        let isOfCaller = events.allSatisfy { event in
            event.actor.user == "ci" && event.actor.interface == interface && event.actor.request?.address != nil
        }
        #expect(isOfCaller)
        let kinds = events.map { event in
            switch event.change {
            case .blobPushed: "blob"
            case .manifestPushed: "manifest"
            case .tagSet: "tag"
            case .imageCompleted: "image"
            case .repositoryChanged: "list"
            default: "other"
            }
        }
        let last = Array(kinds.suffix(interface == .v1 ? 1 : 2))
        #expect(kinds.contains(interface == .v1 ? "image" : "blob") && kinds.filter { $0 == "tag" }.count == 1)
        #expect(interface == .v1 ? !kinds.contains("manifest") : last == ["manifest", "tag"])
    }
}
