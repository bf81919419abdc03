import Conversion
import Foundation
import ImageModel
import SystemLibraries
import Testing

/// A signed schema1 manifest pushed by a Docker engine, with Docker 1.12's and 1.13's conversion.
struct GoldenSchema1: CustomTestStringConvertible {
    /// The prefix of these cases' names.
    static let prefix = "schema1-"

    /// Every recorded case, by name.
    static let all = ["162", "191"].map { GoldenSchema1(name: prefix + $0) }

    let name: String

    var testDescription: String { name }

    private var folder: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "testdata/engine/\(name)")
    }

    /// The manifest as served, signed.
    func manifest() throws -> [UInt8] { try bytes("manifest.json") }

    /// The digest assigned by the registry.
    func digest() throws -> Digest {
        let headers = String(decoding: try bytes("manifest.headers"), as: UTF8.self).split(whereSeparator: \.isNewline)
        let line = try #require(headers.first { $0.hasPrefix("Docker-Content-Digest: ") })
        return try Digest(parsing: line.drop { $0 != " " }.dropFirst())
    }

    /// The configuration that the engine created, byte for byte.
    func configuration() throws -> [UInt8] { try bytes("config.json") }

    /// The id that the engine showed.
    func imageID() throws -> Digest {
        let text = String(decoding: try bytes("imageid.txt"), as: UTF8.self)
        return try Digest(parsing: text.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// The chain in the manifest.
    func history() throws -> Schema1History {
        let signed = try SignedSchema1(verifying: manifest())
        return try Schema1History(#require(Manifest(parsing: signed.payload, contentType: .schema1).schema1))
    }

    /// The layers of the manifest, read from their blobs.
    func layers() throws -> [Digest: StoredLayer] {
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "blobs").path)
        let layers = try files.map { file in
            let scan = LayerScan()
            try bytes("blobs/\(file)").withUnsafeBytes { scan.update($0) }
            let facts = try scan.finish()
            let blob = Descriptor(mediaType: .dockerLayerGzip, digest: facts.digest, size: facts.byteCount)
            return (facts.digest, StoredLayer(blob: blob, diffID: facts.diffID))
        }
        return Dictionary(uniqueKeysWithValues: layers)
    }

    private func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: path)))
    }
}
