import Foundation
import ImageModel
import SystemLibraries
import Testing

/// An image that Docker 1.9.1 pushed as schema1, with what Docker 1.12 and 1.13 make of it.
struct GoldenImage: Sendable {
    /// A layer as it was pushed.
    struct Layer: Sendable {
        let bytes: [UInt8]
        let digest: Digest
        let diffID: String
    }

    /// The names that the manifest was signed for.
    static let repository = "lab191/multiwh"
    static let tag = "latest"

    /// The signed manifest.
    let manifest: [UInt8]
    /// The digest that registry:2 gave it.
    let manifestDigest = "sha256:36de505fcd3ba143ff6da247b0f843cc06b0fad015a29ef5a23fb38b2f69373c"
    /// The engine's configuration.
    let configuration: [UInt8]
    /// The engine's image id: the configuration's digest.
    let imageID: String
    /// The images' JSONs, top first.
    let history: [String]
    /// The images' layers, top first.
    let layers: [Layer]

    init() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "testdata/engine/schema1-191")
        func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appending(path: path))) }
        manifest = try bytes("manifest.json")
        configuration = try bytes("config.json")
        imageID = String(decoding: try bytes("imageid.txt"), as: UTF8.self).trimmingCharacters(in: .whitespaces)
            .replacing("\n", with: "")
        let schema1 = try #require(Manifest(parsing: manifest, contentType: nil).schema1)
        history = schema1.history
        layers = try schema1.layers.map { digest in
            let blob = try bytes("blobs/sha256_\(digest.hex)")
            return Layer(bytes: blob, digest: digest, diffID: try Self.diffID(of: blob))
        }
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

    /// The image as schema2 or as OCI has it.
    func modern(isDocker: Bool) -> TestManifest {
        .image(
            configuration,
            layers: layers.reversed().map(\.bytes),
            mediaType: isDocker ? MediaType.schema2.description : TestManifest.ociManifest
        )
    }

    /// The digest of the tar in a layer.
    static func diffID(of layer: [UInt8]) throws -> String {
        let scan = LayerScan()
        layer.withUnsafeBytes { scan.update($0) }
        return try scan.finish().diffID.description
    }
}
