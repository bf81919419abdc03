import RegistryCore
import Testing

@Suite("A v1 push")
struct V1AbandonedPushTests {
    @Test("that was abandoned is forgotten after a week, and its other participants after an hour")
    func abandoned() async throws {
        let tree = try ScratchTree()
        let layer = try TestLayer.gzip(TestLayer.tar("a", [1]))
        let images = ["1", "2", "3"].map { TestImage(TestImage.id($0), layer: layer) }
        let (finished, late, shared) = (images[0], images[1], images[2])
        try await withRegistry(over: tree.open()) { port, registry in
            let daemon = V1Daemon(port: port)
            for image in images {
                #expect(try await daemon.putJSON(image) == 200)
                #expect(try await daemon.putLayer(image) == 200)
            }
            // Two daemons take part, and one has finished.
            #expect(try await daemon.putJSON(shared) == 200)
            #expect(try await daemon.putChecksum(shared) == 200)
            try await registry.pushes.removeAbandoned()
            #expect(tree.contains("longshore/pushes/\(shared.id)/open"))
            try tree.age("longshore/pushes", by: 3700)
            #expect(try await daemon.putChecksum(shared) == 409)
            try await registry.pushes.removeAbandoned()
            #expect(!tree.contains("longshore/pushes/\(shared.id)"))
            try tree.age("longshore/pushes", by: 6.9 * 86_400)
            try await registry.pushes.removeAbandoned()
            #expect(try await daemon.putChecksum(finished) == 200)
            try tree.age("longshore/pushes", by: 7.1 * 86_400)
            try await registry.pushes.removeAbandoned()
            #expect(!tree.contains("longshore/pushes/\(late.id)"))
            #expect(try await daemon.putChecksum(late) == 400)
            #expect(try await daemon.push(late) == [200, 200, 200])
        }
    }
}
