import ImageModel
import NIOCore
import RegistryCore
import Storage
import TestSupport
import Testing

@Suite struct V1ChainTests {
    let storage = MemoryStorage()
    var tree: TestTree { TestTree(storage: storage) }

    /// A chain of three, root first.
    func chain() async throws -> [V1ImageID] {
        let layer = try TestTree.layer("empty.tar.gz")
        let root = try await tree.add("a", layer: layer)
        let middle = try await tree.add("b", layer: layer, below: [root])
        let top = try await tree.add("c", layer: layer, below: [middle, root])
        return [root, middle, top]
    }

    @Test("is read from the top to the root and returned root first")
    func sound() async throws {
        let ids = try await chain()
        let chain = try await V1Chain(of: ids[2], in: V1Tree(storage: storage))
        #expect(chain.images.map(\.id) == ids)
        #expect(chain.notices.isEmpty)
    }

    @Test("a missing or unreadable ancestry file is replaced by the images' parents, with a notice")
    func ancestryNotices() async throws {
        let ids = try await chain()
        try await storage.remove(V1Layout.ancestry(ids[2]))
        try await tree.write(Array("not json".utf8), V1Layout.ancestry(ids[1]))
        let chain = try await V1Chain(of: ids[2], in: V1Tree(storage: storage))
        #expect(chain.notices == [ids[2]: [.noAncestry], ids[1]: [.unreadableAncestry]])
    }

    @Test("a chain whose JSONs are together larger than any real one's is not read to its end")
    func tooMuchJSON() async throws {
        let ids = try await chain()
        for (index, id) in ids.enumerated() {
            let parent = index > 0 ? "\"parent\":\"\(ids[index - 1])\"," : ""
            let text = "{\(parent)\"id\":\"\(id)\",\"comment\":\"\(String(repeating: "x", count: 3 << 20))\"}"
            try await tree.write(Array(text.utf8), V1Layout.json(id))
        }
        await #expect(throws: DamagedImage(ids[2], .tooMuchJSON(limit: V1Chain.byteLimit))) {
            _ = try await V1Chain(of: ids[2], in: V1Tree(storage: storage))
        }
        #expect(try await V1Chain(of: ids[1], in: V1Tree(storage: storage)).images.map(\.id) == Array(ids[..<2]))
    }

    @Test("an image with a broken directory, json or parent is reported with its fault")
    func faults() async throws {
        let ids = try await chain()
        let other = try TestTree.id("d")
        let cases: [(ObjectKey, String?, DamagedImage)] = [
            (V1Layout.json(ids[1]), nil, DamagedImage(ids[1], .noJSON)),
            (
                V1Layout.json(ids[0]), String(decoding: TestTree.json(other), as: UTF8.self),
                DamagedImage(ids[0], .wrongID(found: other))
            ),
            (
                V1Layout.json(ids[0]), String(decoding: TestTree.json(ids[0], parent: ids[2]), as: UTF8.self),
                DamagedImage(ids[2], .cycle)
            ),
            (
                V1Layout.json(ids[0]), String(decoding: TestTree.json(ids[0], parent: other), as: UTF8.self),
                DamagedImage(other, .missing)
            ),
            (V1Layout.ancestry(ids[2]), "[\"\(ids[2])\", \"\(ids[0])\"]", DamagedImage(ids[2], .contradictoryAncestry)),
            (
                V1Layout.ancestry(ids[2]), "[\"\(ids[2])\", \"\(ids[2])\"]",
                DamagedImage(ids[2], .repeatedAncestor(ids[2]))
            ),
        ]
        for (key, content, damage) in cases {
            let sound = try #require(try await storage.read(key, limit: 4096))
            if let content { try await tree.write(Array(content.utf8), key) } else { try await storage.remove(key) }
            await #expect(throws: damage) { _ = try await V1Chain(of: ids[2], in: V1Tree(storage: storage)) }
            try await storage.write(sound, to: key)
        }
    }
}
