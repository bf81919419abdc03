import Conversion
import ImageModel
import Logging
import NIOCore
import Storage
import Synchronization
import SystemLibraries
import TestSupport
import Testing

@testable import RegistryCore

/// The records of changes: in the commits that make the changes.
@Suite struct EventRecorderTests {
    private let storage = MemoryStorage()
    private let v1Name = V1RepositoryName(namespace: "library", repository: "app")

    /// Writes a line for each event, and remembers what was committed.
    private final class Recorder: EventRecorder {
        static let place = ObjectKey.root.appending("records")

        private let state = Mutex((count: 0, committed: [String](), pulls: [RegistryPull]()))

        var committed: [String] { state.withLock { $0.committed } }
        var pulls: [RegistryPull] { state.withLock { $0.pulls } }

        func record(_ events: [RegistryEvent], in batch: inout WriteBatch) -> (@Sendable () -> Void)? {
            let lines = events.map { "\($0) by \($0.actor.user ?? "-")" }
            for line in lines {
                let number = state.withLock { state in
                    state.count += 1
                    return state.count
                }
                batch.put(ByteBuffer(string: line), at: Self.place.appending(String(1000 + number)))
            }
            return { self.state.withLock { $0.committed += lines } }
        }

        func note(_ pull: RegistryPull) { state.withLock { $0.pulls.append(pull) } }
    }

    /// What was recorded, in order.
    private func records() async throws -> [String] {
        var lines: [String] = []
        for entry in try await storage.list(Recorder.place) {
            let bytes = try await storage.read(Recorder.place.appending(entry.name), limit: 4096)
            lines.append(String(buffer: try #require(bytes)))
        }
        return lines
    }

    private func name(_ text: String = "app") throws -> RepositoryName { try RepositoryName(parsing: text) }

    @Test("pushes, mounts and deletes by v2 are recorded in their only commit")
    func v2() async throws {
        let writes = WriteRecorder(storage)
        let registry = openRegistry(writes)
        let recorder = Recorder()
        registry.events.recorder = recorder
        let tags = try ["1", "2"].map { try Tag(parsing: $0) }
        let digest = try await registry.push("image", as: .tag(tags[0]), in: name())
        let blobs = try await registry.manifest(.digest(digest), in: name()).parsed().requiredBlobs
        #expect(recorder.committed.count == 3)
        #expect(recorder.committed.first?.hasPrefix("blobPushed \(blobs[0]) ") == true)
        #expect(recorder.committed.last?.contains(" [1] in library/app app") == true)
        #expect(try await writes.writes { try await registry.setTag(tags[1], to: digest, in: name()) } == ["commit"])
        #expect(recorder.committed.last?.contains(" [2] in library/app app") == true)
        for _ in 0..<2 {
            let mount = try await writes.writes {
                let isMounted = try await registry.mount(blobs[0], from: name(), into: name("other"))
                #expect(isMounted)
            }
            #expect(mount.count == 1)
        }
        #expect(recorder.committed.suffix(2).allSatisfy { $0.hasPrefix("blobMounted \(blobs[0]) app in") })
        let before = recorder.committed.count
        #expect(try await writes.writes { try await registry.deleteBlob(blobs[0], in: name("other")) } == ["commit"])
        #expect(try await writes.writes { try await registry.deleteManifest(digest, in: name()) } == ["commit"])
        _ = try await registry.push("other", as: .tag(tags[0]), in: name())
        #expect(try await writes.writes { try await registry.deleteTag(tags[0], in: name()) } == ["commit"])
        let place = "in library/app app by -"
        let deletes = recorder.committed[before...].filter { $0.contains("Removed") }
        #expect(
            deletes == [
                "blobRemoved \(blobs[0]) in library/other other by -",
                "manifestRemoved \(digest) \(place)", "tagRemoved 1 \(place)", "tagRemoved 2 \(place)",
                "tagRemoved 1 \(place)",
            ]
        )
        #expect(try await records() == recorder.committed)
    }

    @Test("a deleted repository is recorded with its last commit, after its manifests")
    func repository() async throws {
        let registry = openRegistry(storage)
        let recorder = Recorder()
        let digest = try await registry.push("image", as: .tag(try Tag(parsing: "1")), in: name())
        registry.events.recorder = recorder
        _ = try await registry.deleteRepository(EventRepository(try name()))
        #expect(
            recorder.committed == [
                "manifestRemoved \(digest) in library/app app by -",
                "repositoryRemoved [\"1\"] in library/app app by -",
            ]
        )
        #expect(try await records() == recorder.committed)
    }

    @Test("a v1 tag is a push of the manifest that its image is converted to, in the commit that sets it")
    func v1() async throws {
        let image = try await TestTree(storage: storage).add("a", layer: try TestTree.layer("plain.tar.gz"))
        let writes = WriteRecorder(storage)
        let registry = openRegistry(writes)
        let recorder = Recorder()
        registry.events.recorder = recorder
        try await registry.bridge.set("6", to: image, by: ClientAgent(nil), in: v1Name)
        let digest = try await registry.manifest(.tag(try Tag(parsing: "6")), in: name()).digest
        #expect(recorder.committed.count == 1)
        #expect(recorder.committed[0].hasPrefix("manifestPushed \(digest) "))
        #expect(recorder.committed[0].hasSuffix(" [6] in library/app app by -"))
        // Only v1 has it.
        try await registry.bridge.set("no/tag", to: image, by: ClientAgent(nil), in: v1Name)
        #expect(try await writes.writes { _ = try await registry.bridge.remove("6", in: v1Name) } == ["commit"])
        #expect(recorder.committed.dropFirst() == ["tagRemoved 6 in library/app app by -"])
        #expect(try await records() == recorder.committed)
    }

    @Test("a v1 tag whose image is not converted yet is a push when it is, even in another process, by whom set it")
    func unfinished() async throws {
        let image = try await TestTree(storage: storage).add("a", layer: try TestTree.layer("plain.tar.gz"))
        let actor = EventActor(user: "ci", interface: .v1, request: nil)
        let tag = try Tag(parsing: "6")
        // What is there after the process that set the tag died during the conversion.
        var batch = WriteBatch()
        let push = try JSONFile.encoded(UnfinishedPush(of: image, by: actor))
        batch.put(push, at: OwnLayout.unfinishedPush(tag, in: try name()))
        batch.put(ByteBuffer(string: image.description), at: try #require(V1Layout.tag("6", in: v1Name)))
        try await storage.commit(batch)
        let second = openRegistry(storage)
        let recorder = Recorder()
        second.events.recorder = recorder
        let digest = try await second.manifest(.tag(tag), in: name()).digest
        #expect(recorder.committed.count == 1)
        #expect(recorder.committed.first?.hasPrefix("manifestPushed \(digest) ") == true)
        #expect(recorder.committed.first?.hasSuffix(" [6] in library/app app by ci") == true)
        #expect(try await storage.attributes(of: OwnLayout.unfinishedPush(tag, in: name())) == nil)
    }

    @Test("a process that dies during a commit has recorded nothing that did not happen", arguments: 0..<12)
    func deaths(writeCount: Int) async throws {
        let setup = openRegistry(storage)
        let tag = try Tag(parsing: "1")
        _ = try await setup.push("image", as: .tag(tag), in: name())
        let manifest = try await setup.manifest(.tag(tag), in: name()).parsed()
        let other = try name("other")
        for blob in manifest.requiredBlobs { #expect(try await setup.mount(blob, from: name(), into: other)) }
        let dying = DyingStorage(storage, after: writeCount, isClockStopped: false)
        let registry = openRegistry(dying)
        let recorder = Recorder()
        registry.events.recorder = recorder
        let digest: Digest
        do { digest = try await registry.put(manifest, under: .tag(tag), in: other) } catch {
            #expect(dying.isDead)
            #expect(recorder.committed.isEmpty)
            // It is the last change of its commit.
            #expect(try await records().isEmpty)
            return
        }
        #expect(recorder.committed.count == 1)
        #expect(try await records() == recorder.committed)
        #expect(try await openRegistry(storage).manifest(.tag(tag), in: other).digest == digest)
    }

    @Test("nothing is recorded, or noted, without a recorder")
    func none() async throws {
        let registry = openRegistry(storage)
        #expect(!registry.notesPulls)
        _ = try await registry.push("image", as: .tag(try Tag(parsing: "1")), in: name())
        #expect(try await records().isEmpty)
        #expect(try await storage.attributes(of: OwnLayout.notifications) == nil)
    }
}
