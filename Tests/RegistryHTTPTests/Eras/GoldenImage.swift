import Conversion
import Foundation
import ImageModel
import SystemLibraries
import Testing

/// An image pushed by an engine, with Docker 1.12's and 1.13's conversion, from `testdata/engine`.
struct GoldenImage: Sendable, CustomTestStringConvertible {
    /// A layer as pushed.
    struct Layer: Sendable {
        let bytes: [UInt8]
        let digest: Digest
        let diffID: String

        init(_ bytes: [UInt8]) throws {
            self.bytes = bytes
            digest = Digest(.sha256, of: bytes)
            diffID = try GoldenImage.diffID(of: bytes)
        }
    }

    /// The name that Docker 1.9.1 signed the manifest for.
    static let repository = "lab191/multiwh"
    static let tag = "latest"

    /// The case's folder.
    let testDescription: String
    /// The repository of the signed manifest, and of the tag in the tree with the v1 engines' pushes.
    let repository: String
    /// The signed manifest.
    let manifest: [UInt8]
    /// Its digest at registry:2.
    let manifestDigest: String
    /// The engine's configuration.
    private(set) var configuration: [UInt8]
    /// The engine's image id: the configuration's digest.
    private(set) var imageID: String
    /// The images' JSONs, top first, each image once.
    let history: [String]
    /// The images' layers, top first.
    let layers: [Layer]

    /// Every recorded case: what engines pushed as schema1, and through v1.
    static func all() throws -> [GoldenImage] {
        let archive = try TarArchive(gzip: Testdata.bytes("v1/engines.tar.gz"))
        let folders = try FileManager.default.contentsOfDirectory(
            atPath: Testdata.root.appending(path: "engine").path
        )
        return try folders.sorted().map { folder in
            try folder.hasPrefix("schema1") ? GoldenImage(folder) : GoldenImage(v1: folder, archive)
        }
    }

    /// An image that Docker 1.12.6 built with five layers and thirteen steps without files, before it was pushed
    /// through v1, which has no such steps.
    static func withEmptyLayers() throws -> GoldenImage {
        var image = try #require(try all().first { $0.testDescription == "engine-1126" })
        image.configuration = try Testdata.bytes("engine/engine-1126/source-config.json")
        image.imageID = Digest(.sha256, of: image.configuration).description
        return image
    }

    /// Loads what an engine pushed as schema1.
    init(_ folder: String = "schema1-191") throws {
        let manifest = try Testdata.bytes("engine/\(folder)/manifest.json")
        let schema1 = try #require(Manifest(parsing: manifest, contentType: nil).schema1)
        let headers = try Testdata.text("engine/\(folder)/manifest.headers")
        let digest = try #require(headers.firstMatch(of: /Docker-Content-Digest: (\S+)/)).1
        // Docker 1.6 pushes some images twice; the lower one counts.
        let images = zip(schema1.history, schema1.layers).map { (json: $0, layer: $1) }
        let ids = try images.map { try V1Image(parsing: Array($0.json.utf8)).id }
        let kept = images.indices.filter { $0 + 1 == images.count || ids[$0] != ids[$0 + 1] }
        try self.init(
            folder,
            repository: schema1.name,
            manifest: manifest,
            manifestDigest: String(digest),
            history: kept.map { images[$0].json },
            layers: kept.map {
                try Layer(Testdata.bytes("engine/\(folder)/blobs/sha256_\(images[$0].layer.hex)"))
            }
        )
    }

    /// Loads what an engine pushed through v1, with a manifest as an engine would sign it.
    private init(v1 folder: String, _ archive: TarArchive) throws {
        let repository = "golden/\(folder)"
        let ids = try V1Ancestry(parsing: Testdata.bytes("engine/\(folder)/ancestry")).ids
        let images = try ids.map { try V1Image(parsing: #require(archive.files["images/\($0)/json"])) }
        let layers = try ids.map { try Layer(#require(archive.files["images/\($0)/layer"])) }
        let chain = ProjectedChain(stored: zip(images, layers).map { ($0, $1.digest) }.reversed())
        let payload = DerivedManifest(
            schema1: chain,
            name: try RepositoryName(parsing: repository),
            tag: try ImageModel.Tag(parsing: Self.tag)
        )
        let signed = try SignedSchema1(signing: payload.bytes, by: P256PrivateKey(), at: "2015-01-01T00:00:00Z")
        try self.init(
            folder,
            repository: repository,
            manifest: signed.bytes,
            manifestDigest: payload.digest.description,
            history: images.map { String(decoding: $0.json, as: UTF8.self) },
            layers: layers
        )
    }

    private init(
        _ folder: String,
        repository: String,
        manifest: [UInt8],
        manifestDigest: String,
        history: [String],
        layers: [Layer]
    ) throws {
        testDescription = folder
        self.repository = repository
        self.manifest = manifest
        self.manifestDigest = manifestDigest
        self.history = history
        self.layers = layers
        configuration = try Testdata.bytes("engine/\(folder)/config.json")
        imageID = try Testdata.text("engine/\(folder)/imageid.txt").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The DiffIDs that the engine computed, bottom first.
    func diffIDs() throws -> [String] {
        let document = try JSONValue(parsing: configuration)
        return try #require(document["rootfs"]?["diff_ids"]?.array).compactMap(\.string)
    }

    /// The v1 ids, top first.
    func ids() throws -> [String] {
        try history.map { try #require(try JSONValue(parsing: Array($0.utf8))["id"]?.string) }
    }

    /// The image as schema2 or OCI.
    func modern(isDocker: Bool) -> TestManifest {
        .image(
            configuration,
            layers: layers.reversed().map(\.bytes),
            mediaType: isDocker ? MediaType.schema2.description : TestManifest.ociManifest
        )
    }

    /// The digest of a layer's tar.
    static func diffID(of layer: [UInt8]) throws -> String {
        let scan = LayerScan()
        layer.withUnsafeBytes { scan.update($0) }
        return try scan.finish().diffID.description
    }
}
