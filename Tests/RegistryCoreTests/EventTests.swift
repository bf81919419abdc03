import ImageModel
import Logging
import NIOCore
import Storage
import Synchronization
import SystemLibraries
import TestSupport
import Testing

@testable import RegistryCore

/// The events that changes are told of by: each once, after its commit, with who made it.
@Suite struct EventTests {
    let storage = MemoryStorage()
    let v1Name = V1RepositoryName(namespace: "library", repository: "app")

    /// Notes what is published.
    final class Listener: Sendable {
        private let events = Mutex<[RegistryEvent]>([])

        init(_ registry: Registry) {
            registry.events.subscribe { event in self.events.withLock { $0.append(event) } }
        }

        /// What was published since the last call: its name, what it is of, and the repository's names.
        func take() -> [String] { takeEvents().map { "\($0)" } }

        func takeEvents() -> [RegistryEvent] {
            events.withLock { events in
                defer { events = [] }
                return events
            }
        }
    }

    private func registry(over storage: (any ObjectStorage)? = nil) -> Registry {
        Registry(
            storage: storage ?? self.storage,
            isReadOnly: false,
            configuration: .init(conversionConcurrency: 2),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private func name() throws -> RepositoryName { try RepositoryName(parsing: "app") }

    private func push(_ bytes: [UInt8], to registry: Registry) async throws -> Descriptor {
        let digest = Digest(.sha256, of: bytes)
        let id = try await registry.uploads.begin(in: try name())
        let stream = AsyncStream<ByteBuffer> { continuation in
            continuation.yield(ByteBuffer(bytes: bytes))
            continuation.finish()
        }
        try await registry.uploads.finish(id, as: digest, in: try name(), appending: stream, at: 0)
        return Descriptor(mediaType: .octetStream, digest: digest, size: Int64(bytes.count))
    }

    private func manifest(of configuration: Descriptor) throws -> Manifest {
        let text = """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":\
            {"mediaType":"application/vnd.example","digest":"\(configuration.digest)","size":\(configuration.size)},\
            "layers":[]}
            """
        return try Manifest(parsing: Array(text.utf8), contentType: .ociManifest)
    }

    @Test("a push by v2, and what is deleted of it")
    func v2() async throws {
        let registry = registry()
        let listener = Listener(registry)
        let name = try name()
        let configuration = try await push(Array("{}".utf8), to: registry)
        #expect(listener.take() == ["blobPushed \(configuration.digest) 2 in library/app app"])

        let manifest = try manifest(of: configuration)
        let tags = try ["1", "2"].map { try Tag(parsing: $0) }
        let digest = try await registry.put(manifest, under: .tag(tags[0]), tags: [tags[1]], in: name)
        let pushed = listener.take()
        #expect(
            pushed.first
                == "manifestPushed \(digest) \(MediaType.ociManifest) \(manifest.bytes.count) [1, 2] in library/app app"
        )
        #expect(pushed.dropFirst().sorted() == ["1", "2"].map { "tagSet \($0) \(digest) in library/app app" })

        let other = try RepositoryName(parsing: "library/other")
        #expect(try await registry.mount(configuration.digest, from: name, into: other))
        #expect(listener.take() == ["blobMounted \(configuration.digest) app in - library/other"])

        try await registry.deleteTag(tags[0], in: name)
        #expect(listener.take() == ["tagRemoved 1 in library/app app"])
        try await registry.deleteManifest(digest, in: name)
        #expect(
            listener.take() == ["tagRemoved 2 in library/app app", "manifestRemoved \(digest) in library/app app"]
        )
        try await registry.deleteBlob(configuration.digest, in: name)
        #expect(listener.take() == ["blobRemoved \(configuration.digest) in library/app app"])
    }

    @Test("what was refused, or changed nothing, is no event")
    func refused() async throws {
        let registry = registry()
        let listener = Listener(registry)
        let name = try name()
        let tag = try Tag(parsing: "1")
        let absent = Descriptor(mediaType: .octetStream, digest: Digest(.sha256, of: [1]), size: 1)
        await #expect(throws: RegistryError.self) {
            try await registry.put(try manifest(of: absent), under: .tag(tag), in: name)
        }
        await #expect(throws: RegistryError.self) { try await registry.deleteTag(tag, in: name) }
        await #expect(throws: RegistryError.self) { try await registry.deleteManifest(absent.digest, in: name) }
        await #expect(throws: RegistryError.self) { try await registry.deleteBlob(absent.digest, in: name) }
        #expect(try await !registry.mount(absent.digest, from: nil, into: name))
        #expect(try await !registry.bridge.remove("no such", in: v1Name))
        #expect(listener.take().isEmpty)
    }

    @Test("a push that fails before its commit is done is no event")
    func undone() async throws {
        let configuration = try await push(Array("{}".utf8), to: registry())
        let dying = DyingStorage(storage, after: 1, isClockStopped: false)
        let registry = registry(over: dying)
        let listener = Listener(registry)
        let manifest = try manifest(of: configuration)
        await #expect(throws: RegistryError.self) {
            try await registry.put(manifest, under: .tag(try Tag(parsing: "1")), in: try name())
        }
        #expect(dying.isDead)
        #expect(listener.take().isEmpty)
    }

    @Test("a v1 tag, what it is converted to, and what is deleted of it")
    func v1() async throws {
        let image = try await TestTree(storage: storage).add("a", layer: try TestTree.layer("plain.tar.gz"))
        let registry = registry()
        let listener = Listener(registry)
        try await registry.bridge.set("6", to: image, by: ClientAgent(nil), in: v1Name)
        let set = listener.takeEvents()
        let converted = try await registry.manifest(.tag(try Tag(parsing: "6")), in: try name())
        guard set.count == 1, case .tagSet("6", .image(image, let summary?)) = set[0].change else {
            Issue.record("\(set)")
            return
        }
        #expect(summary.digest == converted.digest)
        #expect(summary.mediaType == converted.mediaType)
        #expect(summary.byteCount == converted.content.readableBytes)

        // v2 has no such tag.
        try await registry.bridge.set("no/tag", to: image, by: ClientAgent(nil), in: v1Name)
        #expect(listener.take() == ["tagSet no/tag \(image) in library/app app"])
        let list = ByteBuffer(string: "[{\"id\": \"\(image)\"}]")
        try await registry.v1Repositories.add(list, to: v1Name)
        // It adds nothing.
        try await registry.v1Repositories.add(list, to: v1Name)
        #expect(listener.take() == ["repositoryChanged in library/app app"])
        #expect(try await registry.bridge.remove("no/tag", in: v1Name))
        #expect(listener.take() == ["tagRemoved no/tag in library/app app"])
        _ = try await registry.deleteRepository(EventRepository(v1Name))
        #expect(
            listener.take() == [
                "manifestRemoved \(converted.digest) in library/app app",
                "repositoryRemoved [\"6\"] in library/app app",
            ]
        )
    }

    @Test("a tag's previous target is told to subscribers that need it")
    func previous() async throws {
        let image = try await TestTree(storage: storage).add("a", layer: try TestTree.layer("plain.tar.gz"))
        let registry = registry()
        let events = Mutex<[PreviousTarget?]>([])
        let name = try name()
        let tag = try Tag(parsing: "1")
        let manifest = try manifest(of: try await push(Array("{}".utf8), to: registry))
        registry.events.subscribe { event in events.withLock { $0.append(event.previous) } }
        let digest = try await registry.put(manifest, under: .tag(tag), in: name)
        _ = try await registry.put(manifest, under: .tag(tag), in: name)
        #expect(events.withLock { $0.allSatisfy { $0 == nil } })
        registry.events.subscribe(needingPrevious: true) { _ in }
        events.withLock { $0 = [] }
        try await registry.bridge.set("1", to: image, by: ClientAgent(nil), in: v1Name)
        let converted = try await registry.manifest(.tag(tag), in: name).digest
        _ = try await registry.put(manifest, under: .tag(tag), in: name)
        try await registry.deleteTag(tag, in: name)
        #expect(
            events.withLock { $0 } == [
                .manifest(digest), nil, .image(image, converted), .manifest(digest),
            ]
        )
    }

    @Test("work that changes no content is an activity")
    func activities() async throws {
        let image = try await TestTree(storage: storage).add("a", layer: try TestTree.layer("plain.tar.gz"))
        let registry = registry()
        let seen = Mutex<[String]>([])
        registry.events.observe { activity in
            let line =
                switch activity {
                case .conversion: "conversion"
                case .failedConversion: "failed conversion"
                case .derivation(let form, let succeeded): "derivation \(form) \(succeeded)"
                case .collection(let collection, _): "collection \(collection.isDryRun) \(collection.isComplete)"
                case .verification(let verification): "verification \(verification.damageCount)"
                }
            seen.withLock { $0.append(line) }
        }
        try await registry.bridge.set("6", to: image, by: ClientAgent(nil), in: v1Name)
        _ = try await registry.collector.run(CollectionPolicy(isDryRun: true))
        _ = try await registry.verifier.run(VerificationOptions(), progress: VerificationProgress())
        #expect(seen.withLock { $0 } == ["conversion", "collection true true", "verification 0"])
    }

    @Test("who changes something is whoever the task says")
    func actor() async throws {
        let registry = registry()
        let listener = Listener(registry)
        _ = try await push([1], to: registry)
        let request = EventActor.Request(id: "7", address: "::1", host: "h", method: "PUT", userAgent: "docker/1.5.0")
        let actor = EventActor(user: "ci", interface: .v2, request: request)
        try await EventActor.$current.withValue(actor) { _ = try await push([2], to: registry) }
        #expect(listener.takeEvents().map(\.actor) == [EventActor(user: nil, interface: .server, request: nil), actor])
    }
}

extension RegistryEvent: CustomStringConvertible {
    /// The event in one line.
    package var description: String {
        let what =
            switch change {
            case .manifestPushed(let summary, let tags):
                "manifestPushed \(summary.digest) \(summary.mediaType) \(summary.byteCount) \(tags)"
            case .manifestRemoved(let digest): "manifestRemoved \(digest)"
            case .tagSet(let tag, .manifest(let digest)): "tagSet \(tag) \(digest)"
            case .tagSet(let tag, .image(let image, _)): "tagSet \(tag) \(image)"
            case .tagRemoved(let tag): "tagRemoved \(tag)"
            case .blobPushed(let digest, let byteCount): "blobPushed \(digest) \(byteCount)"
            case .blobMounted(let digest, _, let source):
                "blobMounted \(digest) \(source.map { "\($0)" } ?? "-")"
            case .blobRemoved(let digest): "blobRemoved \(digest)"
            case .imageCompleted(let image): "imageCompleted \(image)"
            case .repositoryChanged: "repositoryChanged"
            case .repositoryRemoved(let tags): "repositoryRemoved \(tags)"
            }
        let place = repository.map { repository in
            " in \(repository.v1.map { "\($0)" } ?? "-") \(repository.v2.map { "\($0)" } ?? "-")"
        }
        return what + (place ?? "")
    }
}
