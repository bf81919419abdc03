import Foundation
import Testing

/// An image that skopeo has pulled into a directory, checked against its digests with programs other than ours.
struct PulledImage {
    private struct Manifest: Decodable {
        struct Descriptor: Decodable {
            let mediaType: String
            let size: Int
            let digest: String
        }
        let config: Descriptor
        let layers: [Descriptor]
    }

    private struct Configuration: Decodable {
        struct RootFileSystem: Decodable {
            let diffIDs: [String]
            enum CodingKeys: String, CodingKey { case diffIDs = "diff_ids" }
        }
        let rootfs: RootFileSystem
    }

    /// The digest of its configuration.
    let imageID: String
    let configuration: Data
    let layerDigests: [String]

    /// Pulls `reference` with `skopeo copy` into `directory`, and checks every digest and DiffID.
    init(_ reference: String, into directory: String) async throws {
        _ = try await Skopeo.copy("docker://\(reference)", "dir:\(directory)").succeeded()
        let manifest = try JSONDecoder().decode(Manifest.self, from: Self.bytes("\(directory)/manifest.json"))
        imageID = manifest.config.digest
        layerDigests = manifest.layers.map(\.digest)
        configuration = try Self.bytes("\(directory)/\(Self.name(imageID))")
        let rootfs = try JSONDecoder().decode(Configuration.self, from: configuration).rootfs
        for blob in [manifest.config] + manifest.layers {
            let file = "\(directory)/\(Self.name(blob.digest))"
            #expect(try await sha256(of: "cat '\(file)'") == blob.digest)
            #expect(try Self.bytes(file).count == blob.size)
        }
        var found: [String] = []
        for layer in manifest.layers {
            let read = layer.mediaType.hasSuffix("gzip") ? "gzip -dc" : "cat"
            found.append(try await sha256(of: "\(read) '\(directory)/\(Self.name(layer.digest))'"))
        }
        #expect(found == rootfs.diffIDs)
    }

    private static func name(_ digest: String) -> String { String(digest.dropFirst("sha256:".count)) }

    private static func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(filePath: path)) }
}

/// The digest of a shell command's output.
func sha256(of command: String) async throws -> String {
    let text = try await Program("bash").run(["-o", "pipefail", "-c", "\(command) | sha256sum"]).succeeded().text
    return "sha256:\(text.prefix(64))"
}
