import Conversion
import Foundation
import ImageModel
import Testing

/// A chain of v1 images with Docker 1.12's and 1.13's conversion, from `testdata/engine`.
struct GoldenCase: CustomTestStringConvertible {
    let name: String
    private let folder: URL

    /// Every recorded case, by name.
    static let all: [GoldenCase] = {
        let testdata = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "testdata/engine")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: testdata.path)) ?? []
        let chains = names.filter { !$0.hasPrefix(GoldenSchema1.prefix) }
        return chains.sorted().map { GoldenCase(name: $0, folder: testdata.appending(path: $0)) }
    }()

    var testDescription: String { name }

    /// The chain, bottom first.
    func chain() throws -> [V1Layer] {
        let ancestry = try V1Ancestry(parsing: bytes("ancestry"))
        let layers = try #require(try JSONValue(parsing: bytes("layers.json")).array)
        try #require(layers.count == ancestry.ids.count)
        return try zip(ancestry.ids.reversed(), layers).map { id, layer in
            V1Layer(
                image: try V1Image(parsing: bytes("images/\(id).json")),
                blob: Descriptor(
                    mediaType: MediaType(try #require(layer["mediaType"]?.string)),
                    digest: try Digest(parsing: try #require(layer["digest"]?.string)),
                    size: try #require(layer["size"]?.integer)
                ),
                diffID: try Digest(parsing: try #require(layer["diffID"]?.string))
            )
        }
    }

    /// The configuration that the engine created, byte for byte.
    func configuration() throws -> [UInt8] { try bytes("config.json") }

    /// The id that the engine showed.
    func imageID() throws -> Digest {
        let text = String(decoding: try bytes("imageid.txt"), as: UTF8.self)
        return try Digest(parsing: text.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    private func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: path)))
    }
}
