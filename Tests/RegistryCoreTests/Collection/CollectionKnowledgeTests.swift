import ImageModel
import NIOCore
import Storage
import SystemLibraries
import Testing

@testable import RegistryCore

@Suite("The references of manifests that collections know") struct CollectionKnowledgeTests {
    private let storage = MemoryStorage()
    private let name: RepositoryName
    private let now = CollectionPolicy(grace: .zero)

    init() throws { name = try RepositoryName(parsing: "a/b") }

    private func push(_ text: String) async throws -> Digest {
        try await openRegistry(storage).push(text, as: .tag(ImageModel.Tag(parsing: text)), in: name)
    }

    /// Collects as a new process.
    private func collect() async throws -> CollectionReport { try await openRegistry(storage).collector.run(now) }

    @Test("outlive the process: the next one reads new manifests alone")
    func stored() async throws {
        _ = try await push("one")
        #expect(try await collect().readManifestCount == 1)
        let two = try await push("two")
        #expect(try await collect().readManifestCount == 1)
        let report = try await collect()
        #expect(report.readManifestCount == 0 && report.blobs.count == 0)
        try await openRegistry(storage).deleteManifest(two, in: name)
        #expect(try await collect().blobs.count == 2, "the manifest and its configuration")
    }

    @Test("are read again where they are damaged")
    func damaged() async throws {
        _ = try await push("one")
        _ = try await collect()
        let part = try #require(try await storage.list(OwnLayout.edges).first)
        try await storage.write(ByteBuffer(string: "x"), to: OwnLayout.edges.appending(part.name))
        let report = try await collect()
        #expect(report.readManifestCount == 1 && report.blobs.count == 0)
    }

    @Test("are written anew as one part when there are many, without those of manifests that are gone")
    func compacted() async throws {
        for number in 0...16 {
            let digest = try await push("t\(number)")
            _ = try await collect()
            if number == 3 { try await openRegistry(storage).deleteManifest(digest, in: name) }
        }
        let parts = try await storage.list(OwnLayout.edges)
        #expect(parts.count == 1)
        let text = try await storage.read(OwnLayout.edges.appending(parts[0].name), limit: 1 << 20)
        let lines = String(buffer: try #require(text)).split(separator: "\n")
        #expect(lines.count == 16)
        #expect(try await collect().readManifestCount == 0)
    }
}
