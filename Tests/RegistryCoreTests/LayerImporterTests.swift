import ImageModel
import NIOCore
import RegistryCore
import Storage
import SystemLibraries
import TestSupport
import Testing

@Suite struct LayerImporterTests {
    let source = MemoryStorage()
    let destination = MemoryStorage()
    var tree: TestTree { TestTree(storage: source) }

    func importer(acceptsStaleInProgress: Bool = false) -> LayerImporter {
        LayerImporter(
            from: V1Tree(storage: source),
            into: destination,
            policy: LayerImportPolicy(isSourceIdle: true, acceptsStaleInProgress: acceptsStaleInProgress)
        )
    }

    func blob(_ record: LayerRecord) async throws -> [UInt8] {
        let digest = try Digest(parsing: record.blob)
        let bytes = try #require(try await destination.read(V2Layout.blobData(digest), limit: 1 << 20))
        return Array(buffer: bytes)
    }

    @Test(
        "a gzip or plain layer becomes the blob as it is",
        arguments: ["plain.tar.gz", "plain.tar", "pax.tar.gz", "empty.tar.gz"]
    )
    func asItIs(name: String) async throws {
        let layer = try TestTree.layer(name)
        let id = try await tree.add("a", layer: layer)
        let result = try await importer().importLayer(of: V1Tree(storage: source).image(id))
        #expect(result.notices == [])
        #expect(result.record.blob == Digest(.sha256, of: layer).description)
        #expect(try await blob(result.record) == layer)
    }

    @Test(
        "a layer that no media type covers is recompressed, and its DiffID stays",
        arguments: ["plain.tar.xz", "plain.tar.bz2", "plain.tar.lzma", "plain.tar.zst"]
    )
    func recompressed(name: String) async throws {
        let id = try await tree.add("a", layer: try TestTree.layer(name))
        let result = try await importer().importLayer(of: V1Tree(storage: source).image(id))
        #expect(result.placement == .recompressed)
        #expect(result.record.diffID == Digest(.sha256, of: try TestTree.layer("plain.tar")).description)
        let scan = LayerScan()
        try await blob(result.record).withUnsafeBytes { scan.update($0) }
        let facts = try scan.finish()
        #expect(facts.compression == .gzip)
        #expect(facts.diffID.description == result.record.diffID)
    }

    @Test("a layer is read once: the record of an unchanged file is used, that of a changed one is not")
    func readOnce() async throws {
        let id = try await tree.add("a", layer: try TestTree.layer("plain.tar.gz"))
        let image = try await V1Tree(storage: source).image(id)
        #expect(try await importer().known(image) == nil)
        _ = try await importer().importLayer(of: image)
        #expect(try await importer().importLayer(of: image).placement == .known)
        try await tree.add("a", layer: try TestTree.layer("pax.tar.gz"))
        #expect(try await importer().known(image) == nil)
    }

    @Test("a record whose blob is gone is not trusted")
    func blobGone() async throws {
        let id = try await tree.add("a", layer: try TestTree.layer("plain.tar.gz"))
        let image = try await V1Tree(storage: source).image(id)
        let record = try await importer().importLayer(of: image).record
        try await destination.remove(V2Layout.blobData(try Digest(parsing: record.blob)))
        #expect(try await importer().known(image) == nil)
        #expect(try await importer().importLayer(of: image).record == record)
        #expect(try await blob(record) == (try TestTree.layer("plain.tar.gz")))
    }

    struct Damage: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let file: String
        let content: String?
        let fault: @Sendable (V1ImageFault) -> Bool
    }

    static let damages: [Damage] = [
        Damage(testDescription: "no layer", file: "layer", content: nil) { $0 == .noLayer },
        Damage(testDescription: "an empty layer", file: "layer", content: "") {
            if case .layer(.empty) = $0 { true } else { false }
        },
        Damage(
            testDescription: "another checksum",
            file: "_checksum",
            content: "[\"sha256:\(String(repeating: "0", count: 64))\"]"
        ) {
            if case .checksumMismatch = $0 { true } else { false }
        },
        Damage(
            testDescription: "another checksum, bare",
            file: "_checksum",
            content: "sha256:\(String(repeating: "0", count: 64))"
        ) {
            if case .checksumMismatch = $0 { true } else { false }
        },
        Damage(testDescription: "a push in progress", file: "_inprogress", content: "true") { $0 == .unfinished },
    ]

    @Test("a damaged image is refused with its fault, and leaves nothing behind", arguments: damages)
    func damaged(_ damage: Damage) async throws {
        let id = try await tree.add("a", layer: try TestTree.layer("plain.tar.gz"))
        let key = V1Layout.image(id).appending(damage.file)
        if let content = damage.content {
            try await tree.write(Array(content.utf8), key)
        } else {
            try await source.remove(key)
        }
        let image = try await V1Tree(storage: source).image(id)
        let error = await #expect(throws: DamagedImage.self) { try await importer().importLayer(of: image) }
        #expect(error?.image == id)
        #expect(error.map { damage.fault($0.fault) } == true)
        #expect(try await destination.list(.root, after: nil, limit: 10) == [])
    }

    @Test(
        "a layer without a verifiable checksum is accepted with a notice",
        arguments: [
            (nil, V1Notice.noChecksum), ("17", .unreadableChecksum), ("[\"tarsum+sha256:00\"]", .differentTarsum),
            ("[\"tarsum.dev+md5:00\"]", .onlyTarsum),
        ]
    )
    func unverified(checksum: String?, notice: V1Notice) async throws {
        let id = try await tree.add("a", layer: try TestTree.layer("plain.tar.gz"))
        if let checksum {
            try await tree.write(Array(checksum.utf8), V1Layout.checksum(id))
        } else {
            try await source.remove(V1Layout.checksum(id))
        }
        let result = try await importer().importLayer(of: V1Tree(storage: source).image(id))
        #expect(result.notices == [notice])
    }

    @Test(
        "the checksum is accepted in each form that docker-registry wrote",
        arguments: [
            #"["tarsum+sha256:1ca257da8bff8134600efb9a4e8f682235f7b4e82fedc9d0f8af29e8d4ef5fd2"]"#,
            #""tarsum+sha256:1ca257da8bff8134600efb9a4e8f682235f7b4e82fedc9d0f8af29e8d4ef5fd2""#,
            "tarsum+sha256:1ca257da8bff8134600efb9a4e8f682235f7b4e82fedc9d0f8af29e8d4ef5fd2",
            #"["tarsum.v1+sha256:c79401f25d702c996fc2ab9330e9a7545c76c73b2c23fa06c91d232060dbe211"]"#,
        ]
    )
    func tarsum(checksum: String) async throws {
        try await expectBelieved(checksum, of: "plain.tar.gz")
    }

    @Test("a tarsum of version 1 covers extended attributes")
    func attributes() async throws {
        let sum = "4db309cac33ca64b4a026bf1466672c4ff650eb24d9803191bff17515f5f384a"
        try await expectBelieved("tarsum.v1+sha256:\(sum)", of: "pax.tar.gz")
    }

    private func expectBelieved(_ checksum: String, of layer: String) async throws {
        let tree = TestTree(storage: source)
        let id = try await tree.add("a", layer: try TestTree.layer(layer))
        try await tree.write(Array(checksum.utf8), V1Layout.checksum(id))
        let layer = try await importer().importLayer(of: try await V1Tree(storage: source).image(id))
        #expect(layer.notices == [])
        #expect(layer.record.hasVerifiedChecksum)
    }

    @Test("a plain tar without its end is accepted when its checksum matches, and not otherwise")
    func endless() async throws {
        var archive = TestArchive()
        archive.add("file", Array("content".utf8))
        let id = try await tree.add("a", layer: archive.bytes)
        let image = try await V1Tree(storage: source).image(id)
        #expect(try await importer().importLayer(of: image).notices == [])
        let other = try await tree.add("b", layer: archive.bytes)
        try await source.remove(V1Layout.checksum(other))
        let error = await #expect(throws: DamagedImage.self) {
            try await importer().importLayer(of: V1Tree(storage: source).image(other))
        }
        #expect(error?.fault == .layer(.truncated))
    }

    @Test("a stale _inprogress is accepted on request when the checksum matches, and not otherwise")
    func staleInProgress() async throws {
        let id = try await tree.add("a", layer: try TestTree.layer("plain.tar.gz"))
        try await tree.write(Array("true".utf8), V1Layout.inProgress(id))
        let image = try await V1Tree(storage: source).image(id)
        let result = try await importer(acceptsStaleInProgress: true).importLayer(of: image)
        #expect(result.notices == [.staleInProgress])
        try await source.remove(V1Layout.checksum(id))
        try await destination.removeAll(below: OwnLayout.root)
        await #expect(throws: DamagedImage(id, .unfinished)) {
            try await importer(acceptsStaleInProgress: true).importLayer(of: image)
        }
    }

    @Test(
        "a file is linked when nothing can write to it any more",
        arguments: [
            (idle: false, age: Int64(10), inProgress: false, LinkPolicy.copy),
            (idle: false, age: 3601, inProgress: false, .hardLink),
            (idle: true, age: 0, inProgress: false, .hardLink),
            (idle: true, age: 9999, inProgress: true, .copy),
        ]
    )
    func policy(idle: Bool, age: Int64, inProgress: Bool, expected: LinkPolicy) {
        let now: Int64 = 1_700_000_000_000_000_000
        let policy = LayerImportPolicy(isSourceIdle: idle, acceptsStaleInProgress: true)
        #expect(policy.linkPolicy(modified: now - age * 1_000_000_000, isInProgress: inProgress, now: now) == expected)
    }
}
