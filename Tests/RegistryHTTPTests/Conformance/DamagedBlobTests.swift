import Foundation
import ImageModel
import RegistryCore
import SystemLibraries
import Testing

/// Blobs whose files differ from what was pushed, as after a power failure.
@Suite(.enabled(if: ConformanceTarget.isOwn)) struct DamagedBlobTests {
    private static let layer = Array("layer damaged".utf8)
    private static let digest = Digest(.sha256, of: layer)

    /// The damage to a blob's file.
    enum Damage: CaseIterable {
        case emptied, cut, lengthened

        func apply(to bytes: [UInt8]) -> [UInt8] {
            switch self {
            case .emptied: []
            case .cut: Array(bytes.prefix(5))
            case .lengthened: bytes + [0]
            }
        }
    }

    /// Runs `body` with a client of a registry with an image, and a function that changes its layer's file in place.
    private func withImage(
        _ body:
            @Sendable (RegistryClient, TestManifest, _ write: @Sendable ([UInt8]) throws -> Void) async throws -> Void
    ) async throws {
        var configuration = Registry.Configuration(conversionConcurrency: 1)
        configuration.window = .zero
        let lookingEachTime = configuration
        try await ConformanceTarget.withDirectory { root in
            try await ConformanceTarget.withOwn(configuration: lookingEachTime, root: root) { port in
                let client = RegistryClient(port: port, repository: "first")
                let image = try await client.pushImage("damaged", tag: "latest")
                let file =
                    "\(root)/docker/registry/v2/blobs/sha256/\(Self.digest.hex.prefix(2))/\(Self.digest.hex)/data"
                try await body(client, image) { bytes in
                    try TestFiles.default.overwrite(bytes, atPath: file)
                }
            }
        }
    }

    private func expectAbsent(_ client: RegistryClient) async throws {
        #expect(try await client.send("HEAD", "blobs/\(Self.digest)").status == 404)
        let answer = try await client.send("GET", "blobs/\(Self.digest)")
        #expect(answer.status == 404)
        #expect(try answer.codes == ["BLOB_UNKNOWN"])
        let mount = "blobs/uploads/?mount=\(Self.digest)&from=first"
        #expect(try await client.repository("second").send("POST", mount).status == 202)
        #expect(try await client.send("POST", mount).status == 202)
    }

    @Test(
        "a manifest that refers to a damaged blob is refused until the blob is pushed again",
        arguments: Damage.allCases
    )
    func refusedUntilPushed(damage: Damage) async throws {
        try await withImage { client, image, write in
            try write(damage.apply(to: Self.layer))
            if damage == .emptied { try await expectAbsent(client) }
            for _ in 0..<2 {
                let answer = try await client.push(image, as: "again")
                #expect(answer.status == 400)
                #expect(try answer.codes == ["MANIFEST_BLOB_UNKNOWN"])
                #expect(answer.text.contains("\(Self.digest)"))
                try await expectAbsent(client)
            }
            try await client.push(blob: Self.layer)
            #expect(try await client.send("HEAD", "blobs/\(Self.digest)").status == 200)
            #expect(try await client.send("GET", "blobs/\(Self.digest)").body == Self.layer)
            #expect(try await client.push(image, as: "again").status == 201)
        }
    }

    @Test("bytes of the right length that turned out to be wrong are also replaced by a push")
    func sameLength() async throws {
        try await withImage { client, image, write in
            try write([UInt8](repeating: 0, count: Self.layer.count))
            let text = String(decoding: image.bytes, as: UTF8.self)
            let other = text.replacing("\"size\":\(Self.layer.count)", with: "\"size\":\(Self.layer.count + 1)")
            #expect(try await client.push(TestManifest(mediaType: image.mediaType, other), as: "x").status == 400)
            try await expectAbsent(client)
            #expect(try await client.push(image, as: "again").status == 400)
            try await client.push(blob: Self.layer)
            #expect(try await client.send("GET", "blobs/\(Self.digest)").body == Self.layer)
            #expect(try await client.push(image, as: "again").status == 201)
        }
    }

    @Test("a manifest may declare any size for an intact blob", arguments: [0, 1, 4_000_000_000_000])
    func wrongSize(size: Int) async throws {
        try await withImage { client, image, _ in
            let text = String(decoding: image.bytes, as: UTF8.self)
                .replacing("\"size\":\(Self.layer.count)", with: "\"size\":\(size)")
            let other = TestManifest(mediaType: image.mediaType, text)
            let pushed = try await client.push(other, as: "other")
            #expect(pushed.status == 201)
            let pulled = try await client.send("GET", "manifests/other")
            #expect(pulled.body == other.bytes)
            let head = try await client.send("HEAD", "blobs/\(Self.digest)")
            #expect(head["content-length"] == "\(Self.layer.count)")
        }
    }

    @Test(
        "a damaged link makes its blob absent in that repository only, until it is pushed again",
        arguments: ["", "sha256:abc", "no digest", String(repeating: "x", count: 5000)]
    )
    func damagedLink(content: String) async throws {
        try await ConformanceTarget.withDirectory { root in
            try await ConformanceTarget.withOwn(root: root) { port in
                let client = RegistryClient(port: port, repository: "first")
                let image = try await client.pushImage("damaged", tag: "latest")
                let second = try await client.repository("second").pushImage("damaged", tag: "latest")
                let layers = "\(root)/docker/registry/v2/repositories/first/_layers/sha256"
                let link = "\(layers)/\(Self.digest.hex)/link"
                try TestFiles.default.write(Array(content.utf8), toPath: link)
                // Make it old, so it is not taken for a file being written.
                try TestFiles.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSince1970: 1_500_000_000)],
                    ofItemAtPath: link
                )
                #expect(try await client.send("HEAD", "blobs/\(Self.digest)").status == 404)
                #expect(try await client.send("GET", "blobs/\(Self.digest)").status == 404)
                #expect(try await client.push(image, as: "again").status == 400)
                #expect(try await client.send("GET", "manifests/latest").body == image.bytes)
                #expect(try await client.repository("second").push(second, as: "again").status == 201)
                #expect(try await client.repository("second").send("HEAD", "blobs/\(Self.digest)").status == 200)
                let mount = "blobs/uploads/?mount=\(Self.digest)&from=second"
                if content.isEmpty {
                    #expect(try await client.send("POST", mount).status == 201)
                } else {
                    try await client.push(blob: Self.layer)
                }
                #expect(try await client.send("HEAD", "blobs/\(Self.digest)").status == 200)
                #expect(try await client.push(image, as: "again").status == 201)
            }
        }
    }

    @Test("an index that refers to a damaged manifest is refused until the manifest is pushed again")
    func damagedManifest() async throws {
        try await ConformanceTarget.withDirectory { root in
            try await ConformanceTarget.withOwn(root: root) { port in
                let client = RegistryClient(port: port, repository: "first")
                let image = try await client.pushImage("damaged", tag: "latest")
                let hex = image.digest.hex
                let file = "\(root)/docker/registry/v2/blobs/sha256/\(hex.prefix(2))/\(hex)/data"
                try TestFiles.default.write(image.bytes.prefix(10), toPath: file)
                let index = TestManifest.index([image])
                let answer = try await client.push(index, as: "index")
                #expect(answer.status == 400)
                #expect(try answer.codes == ["MANIFEST_BLOB_UNKNOWN"])
                #expect(try await client.push(image, as: "latest").status == 201)
                #expect(try await client.push(index, as: "index").status == 201)
            }
        }
    }
}
