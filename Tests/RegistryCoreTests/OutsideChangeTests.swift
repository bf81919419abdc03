import Foundation
import ImageModel
import Logging
import NIOCore
import NIOPosix
import RegistryCore
import Storage
import Testing

/// Changes by another process in the directory.
@Suite struct OutsideChangeTests {
    /// Runs `body` with a registry that caches observations for `validity` (nil for the default), and its directory.
    private func withRegistry(
        _ validity: Duration?,
        _ body: (Registry, any ObjectStorage, URL) async throws -> Void
    ) async throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "longshore-\(UUID())")
        let storage = try await FileSystemStorage.open(root: root.path, access: .readWrite, threadPool: .singleton)
        var configuration = Registry.Configuration(conversionConcurrency: 1)
        if let validity { configuration.window = validity }
        let registry = Registry(
            storage: storage,
            isReadOnly: false,
            configuration: configuration,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let outside = try await FileSystemStorage.open(root: root.path, access: .readWrite, threadPool: .singleton)
        try await body(registry, outside, root)
        try FileManager.default.removeItem(at: root)
    }

    /// Makes everything in the directory look as old as a registry's usually is: recent files are cached only for the
    /// window.
    private func age(_ root: URL) throws {
        let old = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: -3600)]
        for path in try FileManager.default.subpathsOfDirectory(atPath: root.path) {
            try FileManager.default.setAttributes(old, ofItemAtPath: root.appending(path: path).path)
        }
    }

    private func link(_ tag: String) -> ObjectKey {
        .root.appending("docker/registry/v2/repositories/app/_manifests/tags/\(tag)/current/link")
    }

    @Test(
        "another process's are seen at once without caching, else when the window is over",
        arguments: [true, false]
    )
    func others(looksEachTime: Bool) async throws {
        try await withRegistry(looksEachTime ? .zero : .seconds(3600)) { registry, outside, root in
            let name = try RepositoryName(parsing: "app")
            let tag = Reference.tag(try Tag(parsing: "latest"))
            let first = try await registry.push("first", as: tag, in: name)
            let second = try await registry.push("second", as: .tag(try Tag(parsing: "other")), in: name)
            try age(root)
            #expect(try await registry.manifest(tag, in: name).digest == first)
            try await outside.write(.init(string: second.description), to: link("latest"))
            #expect(try await registry.manifest(tag, in: name).digest == (looksEachTime ? second : first))
            // Our own change invalidates what it touches, and nothing else.
            let third = try await registry.push("third", as: .tag(try Tag(parsing: "more")), in: name)
            #expect(try await registry.manifest(tag, in: name).digest == (looksEachTime ? second : first))
            #expect(third != second)
            try await registry.deleteTag(try Tag(parsing: "latest"), in: name)
            await #expect(throws: RegistryError.self) { try await registry.manifest(tag, in: name) }
        }
    }

    @Test("another process's are seen within a second by default, in old files")
    func withinASecond() async throws {
        try await withRegistry(nil) { registry, outside, root in
            let name = try RepositoryName(parsing: "app")
            let tag = Reference.tag(try Tag(parsing: "latest"))
            _ = try await registry.push("first", as: tag, in: name)
            let second = try await registry.push("second", as: .tag(try Tag(parsing: "other")), in: name)
            try age(root)
            func tags() async throws -> Int { try await registry.catalogue.tags(in: name).count }
            func names() async throws -> Int { try await registry.catalogue.repositories().count }
            // Fill the cache.
            for _ in 0..<2 { _ = try await registry.manifest(tag, in: name) }
            #expect(try await tags() == 2)
            #expect(try await names() == 1)
            try await outside.write(.init(string: second.description), to: link("latest"))
            try await outside.write(.init(string: second.description), to: link("more"))
            let repositories = root.appending(path: "docker/registry/v2/repositories")
            try FileManager.default.copyItem(
                at: repositories.appending(path: "app"),
                to: repositories.appending(path: "twin")
            )
            let deadline = ContinuousClock.now + .seconds(1)
            var isSeen = false
            while !isSeen, .now < deadline {
                let digest = try await registry.manifest(tag, in: name).digest
                let counts = (try await tags(), try await names())
                isSeen = digest == second && counts == (3, 2)
            }
            #expect(isSeen)
        }
    }

    @Test("our own are seen at once, however long observations are cached")
    func own() async throws {
        try await withRegistry(.seconds(3600)) { registry, _, root in
            let name = try RepositoryName(parsing: "app")
            let tag = Reference.tag(try Tag(parsing: "latest"))
            for text in ["one", "two", "three"] {
                let digest = try await registry.push(text, as: tag, in: name)
                try age(root)
                for _ in 0..<2 { #expect(try await registry.manifest(tag, in: name).digest == digest) }
                let blob = try #require(try await registry.blobs(of: digest, in: name).first)
                for isRead in [true, false, true] {
                    let reader = try await registry.blob(blob, in: name, isRead: isRead)
                    #expect(reader.attributes.byteCount > 0)
                }
            }
            let digest = try await registry.manifest(tag, in: name).digest
            let blobs = try await registry.blobs(of: digest, in: name)
            for blob in blobs {
                try await registry.deleteBlob(blob, in: name)
                await #expect(throws: RegistryError.blobUnknown(blob)) {
                    try await registry.blob(blob, in: name, isRead: false)
                }
            }
            try await registry.deleteManifest(digest, in: name)
            await #expect(throws: RegistryError.self) { try await registry.manifest(tag, in: name) }
            await #expect(throws: RegistryError.self) { try await registry.manifest(.digest(digest), in: name) }
        }
    }
}

extension Registry {
    /// The blobs that a manifest refers to.
    fileprivate func blobs(of digest: Digest, in name: RepositoryName) async throws -> [Digest] {
        let served = try await manifest(.digest(digest), in: name)
        return try Manifest(parsing: Array(buffer: served.content), contentType: served.mediaType).requiredBlobs
            .sorted()
    }
}
