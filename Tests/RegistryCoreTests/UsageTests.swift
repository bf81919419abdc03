import Foundation
import ImageModel
import NIOCore
import NIOPosix
import Storage
import SystemLibraries
import TestSupport
import Testing

@testable import RegistryCore

@Suite("Disk usage") struct UsageTests {
    private static let hex = String(repeating: "ab", count: 32)
    private static let digest = "sha256/\(hex)"

    static let places: [(String, UsagePlace)] = {
        let repositories = "docker/registry/v2/repositories"
        let digest = (try? Digest(.sha256, hex: hex)) ?? Digest(.sha256, of: [])
        return [
            ("docker/registry/v2/blobs/sha256/ab/\(hex)/data", .blob(digest)),
            ("\(repositories)/a/b/_layers/\(Self.digest)/link", .link(repository: "a/b", digest)),
            ("\(repositories)/a/_manifests/revisions/\(Self.digest)/link", .link(repository: "a", digest)),
            ("\(repositories)/a/_manifests/revisions/\(Self.digest)/signed", .other),
            (
                "\(repositories)/a/_manifests/revisions/\(Self.digest)/signatures/\(Self.digest)/link",
                .indirectLink(repository: "a")
            ),
            ("\(repositories)/a/_layers/tarsum/v1/\(Self.digest)/link", .indirectLink(repository: "a")),
            ("\(repositories)/a/_layers/sha512/\(hex)\(hex)/link", .indirectLink(repository: "a")),
            ("\(repositories)/a/_manifests/tags/t/current/link", .other),
            ("\(repositories)/a/_uploads/1/data", .upload(repository: "a")),
            ("\(repositories)/_layers/\(Self.digest)/link", .other),
            ("\(repositories)/a", .other), ("images/x/layer", .other), ("docker/x", .other), ("x", .other),
            ("repositories/library/a/tag_x", .tag(repository: "a")),
            ("repositories/A/b%252Fc/tag_x", .tag(repository: "A/b/c")),
            ("repositories/library/a/_index_images", .other),
            ("longshore/derived/layers/ab/\(hex)", .recompressed(digest)),
            ("longshore/derived/blobs/a/b/_/\(hex)/sources/x", .derived(repository: "a/b", digest)),
            ("longshore/derived/manifests/a/_/\(hex)/data", .other), ("longshore/key.pem", .other),
        ]
    }()

    @Test("knows what every file belongs to", arguments: places)
    func place(_ path: String, _ place: UsagePlace) throws {
        #expect(UsagePlace(try ObjectKey(validating: path)) == place)
    }

    @Test("knows the files of v1 images")
    func images() throws {
        let id = try V1ImageID(parsing: Self.hex)
        #expect(UsagePlace(V1Layout.layer(id)) == .image(id, isLayer: true))
        #expect(UsagePlace(V1Layout.json(id)) == .image(id, isLayer: false))
        #expect(UsagePlace(OwnLayout.layerRecord(id)) == .layerRecord(id))
    }

    /// Pushes the same layer to two v2 repositories and as a v1 image, and a large blob to one of them.
    private func fill(_ registry: Registry) async throws -> (image: V1ImageID, large: Digest) {
        let tag = Reference.tag(try ImageModel.Tag(parsing: "t"))
        for name in ["a", "b/c"] { _ = try await registry.push(name, as: tag, in: try RepositoryName(parsing: name)) }
        // Its layer is the empty tar that the others have.
        let image = try TestTree.id("1")
        try await registry.push(image, zeroBlockCount: 2)
        let v1Name = V1RepositoryName(namespace: "library", repository: "v1")
        try await registry.bridge.set("t", to: image, by: ClientAgent(nil), in: v1Name)
        let bytes = [UInt8](repeating: 7, count: 100_000)
        let name = try RepositoryName(parsing: "a")
        for digest in [Digest(.sha256, of: bytes), Digest(.sha512, of: bytes)] {
            let id = try await registry.uploads.begin(in: name)
            let body = AsyncStream<ByteBuffer> { continuation in
                continuation.yield(ByteBuffer(bytes: bytes))
                continuation.finish()
            }
            try await registry.uploads.finish(id, as: digest, in: name, appending: body, at: 0)
        }
        try await registry.push(try TestTree.id("2"), zeroBlockCount: 9)
        return (image, Digest(.sha256, of: bytes))
    }

    private func check(_ usage: StorageUsage, large: Digest) throws {
        #expect(usage.repositories.map(\.name) == ["a", "b/c", "v1"])
        let first = try #require(usage.repositories.first)
        // The large blob once, although it has two digests.
        #expect((100_000..<102_000).contains(first.ownByteCount))
        #expect(usage.repositories.map(\.sharedByteCount) == [1024, 1024, 1024])
        #expect(usage.shared.byteCount == 1024 && usage.shared.count == 1)
        #expect(usage.own.byteCount == usage.repositories.reduce(0) { $0 + $1.ownByteCount })
        // The untagged image: its layer, and its other files.
        #expect(usage.untagged.count == 2 && usage.untagged.byteCount > 9 * 512)
        #expect(usage.unlinked.count == 0)
        #expect(usage.layers.map(\.byteCount) == [100_000, 9 * 512, 1024])
        #expect(usage.layers[0].name == large.description && usage.layers[0].repositories == ["a"])
        #expect(usage.layers[1].repositories == [])
        #expect(usage.layers[2].repositories == ["a", "b/c", "v1"])
        let parts = [usage.own, usage.shared, usage.unlinked, usage.untagged, usage.records]
        #expect(usage.total.byteCount == parts.reduce(0) { $0 + $1.byteCount })
    }

    @Test("tells own bytes from shared ones, and counts a file once")
    func memory() async throws {
        let registry = openRegistry(MemoryStorage())
        let (_, large) = try await fill(registry)
        let usage = try await registry.usage(layerLimit: 3)
        try check(usage, large: large)
        _ = try await registry.deleteRepository(EventRepository(try RepositoryName(parsing: "a")))
        let after = try await registry.usage()
        #expect(after.repositories.map(\.name) == ["b/c", "v1"])
        #expect(after.unlinked.byteCount == usage.repositories[0].ownByteCount)
        #expect(after.layers.isEmpty)
    }

    @Test("agrees with what the disk holds")
    func disk() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "usage-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { do { try FileManager.default.removeItem(atPath: directory) } catch {} }
        let storage = try await FileSystemStorage.open(root: directory, access: .readWrite, threadPool: .singleton)
        let registry = openRegistry(storage)
        let (_, large) = try await fill(registry)
        // It would never end.
        try FileManager.default.createSymbolicLink(atPath: "\(directory)/images/loop", withDestinationPath: "..")
        let usage = try await registry.usage(layerLimit: 3)
        try check(usage, large: large)
        var files: [UInt64: Int64] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: directory) {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(directory)/\(path)")
            guard attributes[.type] as? FileAttributeType == .typeRegular,
                let number = (attributes[.systemFileNumber] as? NSNumber)?.uint64Value,
                let size = (attributes[.size] as? NSNumber)?.int64Value
            else { continue }
            files[number] = size
        }
        #expect(usage.total.byteCount == files.values.reduce(0, +))
        #expect(usage.total.count == files.count)
    }
}
