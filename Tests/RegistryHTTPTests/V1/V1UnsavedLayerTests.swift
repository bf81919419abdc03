import RegistryCore
import Testing

@Suite("A small layer pushed through v1", .disabled(if: TestStore.isBucket, "there it is saved at once"))
struct V1UnsavedLayerTests {
    @Test("stays in memory until its checksum arrives, or the server stops")
    func unsaved() async throws {
        let tree = try ScratchTree()
        let image = TestImage(TestImage.id("f5"), layer: try TestLayer.gzip(TestLayer.tar("a", [1])))
        @Sendable func saved() throws -> [[UInt8]] {
            let files = try tree.snapshot { !$0.hasPrefix("longshore/pushes/") || tree.bytes($0) == nil }
            return Array(files.values)
        }
        try await withRegistry(over: tree.open()) { port, registry in
            let daemon = V1Daemon(port: port)
            #expect(try await daemon.putJSON(image) == 200)
            #expect(try await daemon.putLayer(image) == 200)
            #expect(try saved() == [])
            try await registry.upkeep.save()
            #expect(try saved() == [image.layer])
            #expect(try await daemon.putChecksum(image) == 200)
            #expect(try saved() == [])
            #expect(tree.bytes("images/\(image.id)/layer") == image.layer)
        }
    }
}
