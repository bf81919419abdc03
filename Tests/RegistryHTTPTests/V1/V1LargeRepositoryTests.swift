import Foundation
import ImageModel
import SystemLibraries
import Testing

@Suite("A v2 repository with very many tags")
struct V1LargeRepositoryTests {
    private static let isFull = ProcessInfo.processInfo.environment["LONGSHORE_FULL"] == "1"
    private static let tagCount = isFull ? 10_000 : 500
    private static let historyCount = 40

    /// Writes a repository like registry:2's: each tag has its own image of eight layers.
    private static func write(to tree: ScratchTree) throws {
        let root = "docker/registry/v2"
        let repository = "\(root)/repositories/big"
        func blob(_ bytes: [UInt8]) throws -> Digest {
            let digest = Digest(.sha256, of: bytes)
            try tree.write(bytes, to: "\(root)/blobs/sha256/\(digest.hex.prefix(2))/\(digest.hex)/data")
            return digest
        }
        func link(_ digest: Digest, _ folder: String) throws {
            try tree.write(Array(digest.description.utf8), to: "\(repository)/\(folder)/link")
        }
        let layers = try (UInt8(1)...8).map { byte in
            let bytes = try TestLayer.gzip(TestLayer.tar("a", [byte]))
            let digest = try blob(bytes)
            try link(digest, "_layers/sha256/\(digest.hex)")
            return "{\"mediaType\":\"\(MediaType.dockerLayerGzip)\",\"size\":\(bytes.count),\"digest\":\"\(digest)\"}"
        }
        let history = (0..<historyCount).map { step in
            let empty = step % 5 == 0 ? "" : ",\"empty_layer\":true"
            return "{\"created\":\"2020-01-01T00:00:00Z\",\"created_by\":\"/bin/sh -c step \(step)\"\(empty)}"
        }
        for tag in 0..<tagCount {
            let configuration = Array(
                """
                {"architecture":"amd64","os":"linux","config":{"Env":["T=\(tag)"]},\
                "history":[\(history.joined(separator: ","))],"rootfs":{"type":"layers","diff_ids":[]}}
                """.utf8
            )
            let id = try blob(configuration)
            let described = """
                {"mediaType":"\(MediaType.dockerConfiguration)","size":\(configuration.count),"digest":"\(id)"}
                """
            let manifest = """
                {"schemaVersion":2,"mediaType":"\(MediaType.schema2)","config":\(described),\
                "layers":[\(layers.joined(separator: ","))]}
                """
            let digest = try blob(Array(manifest.utf8))
            try link(id, "_layers/sha256/\(id.hex)")
            try link(digest, "_manifests/revisions/sha256/\(digest.hex)")
            try link(digest, "_manifests/tags/t\(tag)/current")
            try link(digest, "_manifests/tags/t\(tag)/index/sha256/\(digest.hex)")
        }
    }

    @Test("is listed by v1, and one of its images pulled, without writing a byte", .timeLimit(.minutes(10)))
    func listing() async throws {
        let tree = try ScratchTree()
        try Self.write(to: tree)
        try await withRegistry(over: tree.open()) { port, _ in
            let before = try tree.snapshot()
            let daemon = V1Daemon(port: port)
            let tags = try JSONValue(parsing: await daemon.get("repositories/big/tags").body)
            let ids = Set((tags.object ?? []).compactMap(\.value.string))
            #expect(ids.count == Self.tagCount)
            #expect(try await daemon.expectChain("big", "t7").count == Self.historyCount)
            let after = try tree.snapshot()
            #expect(after == before)
        }
    }
}
