import ImageModel
import NIOCore
import RegistryCore
import Storage
import SystemLibraries
import TestSupport
import Testing

/// When a blob's file is read again, and what repairs a damaged one.
@Suite struct BlobCheckTests {
    let storage = MemoryStorage()
    var tree: TestTree { TestTree(storage: storage) }
    let layer = [UInt8](repeating: 0, count: 1024)
    var data: ObjectKey { V2Layout.blobData(Digest(.sha256, of: layer)) }

    /// A v2 image whose manifest declares the wrong size for its only layer.
    private func manifest(_ registry: Registry, in name: RepositoryName, claiming size: Int) async throws -> Manifest {
        let digest = try await registry.push("one", as: .tag(Tag(parsing: "latest")), in: name)
        let served = try await registry.manifest(.digest(digest), in: name)
        let text = String(buffer: served.content)
            .replacing(
                "\"size\":1024,\"digest\":\"\(Digest(.sha256, of: layer))",
                with:
                    "\"size\":\(size),\"digest\":\"\(Digest(.sha256, of: layer))"
            )
        return try Manifest(parsing: Array(text.utf8), contentType: nil)
    }

    @Test("a file that contradicts a manifest is read once, and never by HEAD")
    func once() async throws {
        let counting = CountingStorage(storage)
        let registry = openRegistry(counting)
        let name = try RepositoryName(parsing: "app")
        let manifest = try await manifest(registry, in: name, claiming: 7)
        let before = counting.opened.filter { $0 == data }.count
        for tag in ["a", "b", "c"] { _ = try await registry.put(manifest, under: .tag(Tag(parsing: tag)), in: name) }
        #expect(counting.opened.filter { $0 == data }.count == before + 1)
    }

    @Test("damage to a file is remembered after a restart, until it is repaired")
    func restart() async throws {
        let first = openRegistry(storage)
        let name = try RepositoryName(parsing: "app")
        let digest = Digest(.sha256, of: layer)
        let manifest = try await manifest(first, in: name, claiming: 7)
        try await storage.write(ByteBuffer(bytes: [1, 2, 3]), to: data)
        await #expect(throws: RegistryError.manifestBlobsUnknown([digest])) {
            try await first.put(manifest, under: .tag(Tag(parsing: "t")), in: name)
        }
        let second = openRegistry(storage)
        try await second.prepare()
        await #expect(throws: RegistryError.blobUnknown(digest)) {
            try await second.blob(digest, in: name, isRead: false)
        }
        try await storage.write(ByteBuffer(bytes: layer), to: data)
        for _ in 0..<2 {
            let third = openRegistry(storage)
            try await third.prepare()
            #expect(try await third.blob(digest, in: name, isRead: false).attributes.byteCount == 1024)
            #expect(try await storage.list(ObjectKey.root.appending("longshore/damaged")).isEmpty)
        }
    }

    @Test("twenty pushes at once read it once")
    func together() async throws {
        let counting = CountingStorage(storage)
        let registry = openRegistry(counting)
        let name = try RepositoryName(parsing: "app")
        let manifest = try await manifest(registry, in: name, claiming: 7)
        try await storage.write(ByteBuffer(bytes: [1, 2, 3]), to: data)
        let refused = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    do {
                        _ = try await registry.put(manifest, under: .tag(Tag(parsing: "t")), in: name)
                        return false
                    } catch {
                        return error as? RegistryError == .manifestBlobsUnknown([Digest(.sha256, of: layer)])
                    }
                }
            }
            return await group.reduce(into: 0) { count, isRefused in count += isRefused ? 1 : 0 }
        }
        #expect(refused == 20)
        await #expect(throws: RegistryError.blobUnknown(Digest(.sha256, of: layer))) {
            try await registry.blob(Digest(.sha256, of: layer), in: name, isRead: false)
        }
    }

    @Test("a v1 push of the same bytes repairs it", arguments: [[], [1, 2, 3], [UInt8](repeating: 1, count: 1024)])
    func pushByV1(damaged: [UInt8]) async throws {
        let registry = openRegistry(storage)
        let name = try RepositoryName(parsing: "app")
        let manifest = try await manifest(registry, in: name, claiming: 7)
        try await storage.write(ByteBuffer(bytes: damaged), to: data)
        await #expect(throws: RegistryError.manifestBlobsUnknown([Digest(.sha256, of: layer)])) {
            try await registry.put(manifest, under: .tag(Tag(parsing: "other")), in: name)
        }
        let id = try TestTree.id("a")
        try await registry.push(id, zeroBlockCount: 2)
        #expect(try await storage.read(data, limit: 2048) == ByteBuffer(bytes: layer))
        #expect(try await storage.read(V1Layout.layer(id), limit: 2048) == ByteBuffer(bytes: layer))
        _ = try await registry.put(manifest, under: .tag(Tag(parsing: "other")), in: name)
    }

    @Test("a conversion of a v1 layer with the same bytes repairs it")
    func conversion() async throws {
        let id = try await tree.add("a", layer: layer)
        try await tree.tag("6", V1RepositoryName(namespace: "library", repository: "centos"), id)
        let registry = openRegistry(storage)
        let name = try RepositoryName(parsing: "app")
        let manifest = try await manifest(registry, in: name, claiming: 7)
        try await storage.write(ByteBuffer(bytes: [UInt8](repeating: 1, count: 1024)), to: data)
        await #expect(throws: RegistryError.manifestBlobsUnknown([Digest(.sha256, of: layer)])) {
            try await registry.put(manifest, under: .tag(Tag(parsing: "other")), in: name)
        }
        _ = try await registry.manifest(.tag(Tag(parsing: "6")), in: RepositoryName(parsing: "centos"))
        #expect(try await storage.read(data, limit: 2048) == ByteBuffer(bytes: layer))
    }
}
