import ImageModel
import NIOCore
import RegistryCore
import Storage
import SystemLibraries

/// A v1 tree made of a seed: bases that are shared, chains on them, tags, and damage of every kind in some of them.
struct GeneratedTree {
    /// A way in which an image is damaged, and what the report must say of it.
    enum Damage: String, CaseIterable {
        case truncated = "does not have the stored checksum"
        case flipped = "its layer does not have the stored checksum"
        case empty = "empty"
        case garbage = "its layer is damaged"
        case noLayer = "its layer is missing"
        case noJSON = "its json is missing"
        case malformedJSON = "its json is damaged"
        case foreignJSON = "its json is that of image"
        case gone = "it is not in the tree"
        case ancestry = "its ancestry file contradicts"
        case unfinished = "its push was never completed"
    }

    /// How large a tree is.
    struct Size {
        let imageCount: Int
        let layerByteCount: Int
        /// One image in so many is damaged.
        let damageInterval: Int
    }

    let storage: any ObjectStorage
    private(set) var generator: SeededGenerator
    /// What the damaged tags must be reported with, by `repository:tag`.
    private(set) var expectedFailures: [String: Damage] = [:]
    private(set) var soundTagCount = 0
    private(set) var layerByteCount: Int64 = 0
    private let words: [[UInt8]]

    init(storage: any ObjectStorage, seed: UInt64) {
        self.storage = storage
        var generator = SeededGenerator(seed: seed)
        self.words = (0..<2000).map { _ in
            (0..<Int.random(in: 3...40, using: &generator)).map { _ in
                UInt8.random(in: .min ... .max, using: &generator)
            }
        }
        self.generator = generator
    }

    /// Writes the tree: every eighth image is a base; each other one stands on the one before it. Every image has a tag.
    mutating func write(_ size: Size) async throws {
        var chain: [V1ImageID] = []
        var inherited: Damage?
        var damages = Damage.allCases.makeIterator()
        for index in 0..<size.imageCount {
            if index % 8 == 0 {
                chain = []
                inherited = nil
            }
            let id = try V1ImageID(parsing: Digest(.sha256, of: Array("image \(index)".utf8)).hex)
            var damage: Damage?
            // The last of a chain is damaged, so that it takes no other along.
            if index % 8 == 7, index / 8 % max(1, size.damageInterval / 8) == 0 {
                if let next = damages.next() { damage = next } else { damages = Damage.allCases.makeIterator() }
            }
            try await write(id, below: chain, size.layerByteCount, damage)
            let name = V1RepositoryName(namespace: "team\(index / 64)", repository: "image\(index / 8)")
            try await put(Array(id.description.utf8), V1Layout.tag("t\(index)", in: name))
            if let damage = damage ?? inherited {
                expectedFailures["\(name):t\(index)"] = damage
                inherited = damage
            } else {
                soundTagCount += 1
            }
            chain.insert(id, at: 0)
        }
    }

    private mutating func write(_ id: V1ImageID, below chain: [V1ImageID], _ byteCount: Int, _ damage: Damage?)
        async throws
    {
        let parent = chain.first.map { ",\"parent\":\"\($0)\"" } ?? ""
        var json = Array(
            "{\"id\":\"\(id)\"\(parent),\"created\":\"2015-01-01T00:00:00Z\",\"docker_version\":\"1.5.0\"}".utf8
        )
        var layer = try gzippedLayer(Int.random(in: (byteCount / 4)...(byteCount * 7 / 4), using: &generator))
        let checksum = Digest(.sha256, of: json + Array("\n".utf8) + layer)
        var ancestors = chain
        switch damage {
        case .gone: return
        case .truncated: layer.removeLast(layer.count / 3)
        case .flipped: layer[layer.count / 2] ^= 0x10
        case .empty: layer = []
        case .garbage: layer = Array("no layer at all".utf8)
        case .malformedJSON: json.removeLast(4)
        case .foreignJSON: json = Array("{\"id\":\"\(String(repeating: "0", count: 64))\"}".utf8)
        case .ancestry: ancestors.removeLast()
        case .noLayer, .noJSON, .unfinished, nil: break
        }
        layerByteCount += Int64(layer.count)
        if damage != .noJSON { try await put(json, V1Layout.json(id)) }
        if damage != .noLayer { try await put(layer, V1Layout.layer(id)) }
        let list = ([id] + ancestors).map { "\"\($0)\"" }.joined(separator: ", ")
        try await put(Array("[\(list)]".utf8), V1Layout.ancestry(id))
        if damage == .unfinished { return try await put(Array("true".utf8), V1Layout.inProgress(id)) }
        if damage != .garbage { try await put(Array("[\"\(checksum)\"]".utf8), V1Layout.checksum(id)) }
    }

    private mutating func gzippedLayer(_ byteCount: Int) throws -> [UInt8] {
        var content: [UInt8] = []
        while content.count < byteCount { content += words.randomElement(using: &generator) ?? [] }
        var archive = TestArchive()
        archive.add("file", content)
        var compressor = try GzipCompressor()
        var gzip: [UInt8] = []
        archive.finished.withUnsafeBytes { compressor.compress($0) { gzip += $0 } }
        compressor.finish { gzip += $0 }
        return gzip
    }

    private func put(_ bytes: [UInt8], _ key: ObjectKey?) async throws {
        guard let key else { return }
        let writer = try await storage.append(to: key)
        try await writer.append(ByteBuffer(bytes: bytes))
        try await writer.close()
    }
}
