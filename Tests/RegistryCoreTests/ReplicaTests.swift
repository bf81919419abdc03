import ImageModel
import NIOCore
import Storage
import Testing

@testable import RegistryCore

/// Two registries on one bucket, each with its own cache.
///
/// Each sees the other's changes. Simultaneous changes of one thing are not resolved yet: an upload belongs to the
/// registry that began it, the images of a v1 push must reach one registry, and of two that set a tag at once either
/// may win on either side.
@Suite("Two registries on one bucket")
struct ReplicaTests {
    private let bucket = MemoryBucket()
    private let name: RepositoryName
    private let latest: ImageModel.Tag

    init() throws {
        name = try RepositoryName(parsing: "app")
        latest = try ImageModel.Tag(parsing: "latest")
    }

    /// A registry that caches observations for `window`.
    private func open(_ window: Duration = .zero) -> Registry {
        var configuration = Registry.Configuration(conversionConcurrency: 2)
        configuration.window = window
        return openRegistry(MemoryBucket(sharing: bucket), configuration)
    }

    @Test("what one pushes the other serves and lists")
    func pushes() async throws {
        let (first, second) = (open(), open())
        let reference = Reference.tag(latest)
        for text in ["one", "two"] {
            let digest = try await first.push(text, as: reference, in: name)
            let served = try await second.manifest(reference, in: name)
            #expect(served.digest == digest)
            #expect(try await second.manifest(.digest(digest), in: name).content == served.content)
            let manifest = try Manifest(parsing: Array(buffer: served.content), contentType: served.mediaType)
            for blob in manifest.requiredBlobs {
                #expect(try await second.blob(blob, in: name, isRead: true).attributes.byteCount > 0)
            }
        }
        #expect(try await second.catalogue.repositories() == [name])
        #expect(try await second.catalogue.tags(in: name) == [latest])
        _ = try await second.push("three", as: .tag(try ImageModel.Tag(parsing: "more")), in: name)
        #expect(try await first.catalogue.tags(in: name).map(\.description) == ["latest", "more"])
    }

    @Test("what one deletes disappears from the other")
    func deletes() async throws {
        let (first, second) = (open(), open())
        let reference = Reference.tag(latest)
        let digest = try await first.push("one", as: reference, in: name)
        let other = Reference.tag(try ImageModel.Tag(parsing: "other"))
        _ = try await first.push("one", as: other, in: name)
        let served = try await second.manifest(reference, in: name)
        try await first.deleteTag(latest, in: name)
        await #expect(throws: RegistryError.self) { try await second.manifest(reference, in: name) }
        #expect(try await second.manifest(other, in: name).digest == digest)
        try await second.deleteManifest(digest, in: name)
        for reference in [other, .digest(digest)] {
            await #expect(throws: RegistryError.self) { try await first.manifest(reference, in: name) }
        }
        let manifest = try Manifest(parsing: Array(buffer: served.content), contentType: served.mediaType)
        for blob in manifest.requiredBlobs {
            _ = try await second.blob(blob, in: name, isRead: false)
            try await first.deleteBlob(blob, in: name)
            await #expect(throws: RegistryError.blobUnknown(blob)) {
                try await second.blob(blob, in: name, isRead: false)
            }
        }
    }

    @Test("what one caches of the other is at most as old as the window, and no cache hides existing content")
    func window() async throws {
        let (first, second) = (open(), open(.seconds(3600)))
        let reference = Reference.tag(latest)
        await #expect(throws: RegistryError.self) { try await second.manifest(reference, in: name) }
        let one = try await first.push("one", as: reference, in: name)
        #expect(try await second.manifest(reference, in: name).digest == one)
        let two = try await first.push("two", as: reference, in: name)
        #expect(try await second.manifest(reference, in: name).digest == one)
        #expect(try await second.manifest(.digest(two), in: name).digest == two)
        // Its own change is visible at once, whatever it has cached.
        _ = try await second.put(
            Manifest(parsing: Array(buffer: second.manifest(.digest(two), in: name).content), contentType: nil),
            under: reference,
            in: name
        )
        #expect(try await second.manifest(reference, in: name).digest == two)
    }

    @Test("v1 tags are visible in the other, through both protocols")
    func legacy() async throws {
        let (first, second) = (open(), open())
        let id = try V1ImageID(parsing: String(repeating: "a", count: 64))
        let v1Name = try #require(V1RepositoryName(name))
        try await first.push(id, zeroBlockCount: 2)
        try await first.bridge.set("latest", to: id, by: ClientAgent(nil), in: v1Name)
        #expect(try await second.bridge.image(of: "latest", in: v1Name) == id.description)
        let converted = try await second.manifest(.tag(latest), in: name).digest
        #expect(try await first.manifest(.tag(latest), in: name).digest == converted)
        let pushed = try await second.push("two", as: .tag(latest), in: name)
        #expect(try await first.manifest(.tag(latest), in: name).digest == pushed)
        #expect(try await first.bridge.image(of: "latest", in: v1Name) != id.description)
        #expect(try await first.bridge.remove("latest", in: v1Name))
        await #expect(throws: RegistryError.self) { try await second.manifest(.tag(latest), in: name) }
    }

    @Test("both sign with one key, whichever creates it")
    func key() async throws {
        let registries = (0..<4).map { _ in open() }
        let secrets = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for registry in registries {
                group.addTask {
                    try await registry.prepare()
                    return try await registry.tokenSecret()
                }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(secrets.count == 1)
    }
}
