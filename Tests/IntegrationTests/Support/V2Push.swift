import Foundation
import Testing

/// A push of one image through v2, made with curl.
struct V2Push {
    static let imageType = "application/vnd.oci.image.manifest.v1+json"

    let name: String
    let server: LongshoreProcess

    init(_ name: String, to server: LongshoreProcess) {
        self.name = name
        self.server = server
    }

    /// Pushes an image with a zstd layer from a file, and returns its v1 id.
    func run(layer: String) async throws -> String {
        let diffID = "sha256:" + String(repeating: "0", count: 64)
        let configuration = try await blob(
            Data(
                ("{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{},"
                    + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"\(diffID)\"]},\"history\":[{\"created_by\":\"x\"}]}")
                    .utf8
            ),
            "application/vnd.oci.image.config.v1+json"
        )
        let content = try Data(contentsOf: URL(filePath: layer))
        let layer = try await blob(content, "application/vnd.oci.image.layer.v1.tar+zstd")
        try await manifest(
            Data(
                "{\"schemaVersion\":2,\"mediaType\":\"\(Self.imageType)\",\"config\":\(configuration),\"layers\":[\(layer)]}"
                    .utf8
            ),
            as: "1"
        )
        let tags = try await Curl.request(server.url("/v1/repositories/\(name)/tags")).text
        return try #require(tags.firstMatch(of: /[0-9a-f]{64}/).map { String($0.0) })
    }

    /// Pushes a blob, and returns its descriptor.
    func blob(_ bytes: Data, _ type: String) async throws -> String {
        try await withTemporaryDirectory { directory in
            let file = try directory.write(bytes, to: "blob")
            let digest = try await sha256(of: "cat '\(file)'")
            let url = server.url("/v2/\(name)/blobs/uploads/?digest=\(digest)")
            #expect(try await Curl.request(url, ["-X", "POST", "--data-binary", "@\(file)"]).status == 201)
            return "{\"mediaType\":\"\(type)\",\"size\":\(bytes.count),\"digest\":\"\(digest)\"}"
        }
    }

    /// Pushes a manifest.
    func manifest(_ bytes: Data, _ type: String = imageType, as reference: String) async throws {
        try await withTemporaryDirectory { directory in
            let file = try directory.write(bytes, to: "manifest")
            let put = ["-X", "PUT", "-H", "Content-Type: \(type)", "--data-binary", "@\(file)"]
            let answer = try await Curl.request(server.url("/v2/\(name)/manifests/\(reference)"), put)
            #expect(answer.status == 201, "\(answer.text)")
        }
    }
}
