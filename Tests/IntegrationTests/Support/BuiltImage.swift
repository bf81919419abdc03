import Foundation

/// An image built by Docker 1.12.6, with five layers and thirteen steps without files, in a skopeo directory.
struct BuiltImage {
    /// A layer from the manifest, with the digest of its tar.
    struct Layer: Decodable {
        let mediaType: String
        let digest: String
        let size: Int
        let diffID: String

        fileprivate var descriptor: String {
            #"{"mediaType":"\#(mediaType)","size":\#(size),"digest":"\#(digest)"}"#
        }
    }

    /// The layers, bottom first.
    let layers: [Layer]
    /// The image in skopeo's notation.
    let reference: String

    init(in directory: TemporaryDirectory) async throws {
        let tree = try await GoldenTree.engines(in: directory)
        let folder = "engine/engine-1126"
        let path = try directory.makeDirectory("built")
        let ids = try JSONDecoder().decode([String].self, from: GoldenTree.bytes("\(folder)/ancestry"))
        layers = try JSONDecoder().decode([Layer].self, from: GoldenTree.bytes("\(folder)/layers.json"))
        reference = "dir:\(path)"
        for (id, layer) in zip(ids.reversed(), layers) {
            let file = "\(path)/\(layer.digest.dropFirst("sha256:".count))"
            try FileManager.default.copyItem(atPath: "\(tree)/images/\(id)/layer", toPath: file)
        }
        let configuration = try GoldenTree.bytes("\(folder)/source-config.json")
        let digest = try await sha256(of: "cat '\(directory.write(configuration, to: "configuration"))'")
        try directory.write(configuration, to: "built/\(digest.dropFirst("sha256:".count))")
        let manifest = """
            {"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{"mediaType":\
            "application/vnd.docker.container.image.v1+json","size":\(configuration.count),"digest":"\(digest)"},\
            "layers":[\(layers.map(\.descriptor).joined(separator: ","))]}
            """
        try directory.write(Data(manifest.utf8), to: "built/manifest.json")
        try directory.write(Data("Directory Transport Version: 1.1\n".utf8), to: "built/version")
    }
}
