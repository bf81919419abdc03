import ImageModel
import SystemLibraries

/// A client that pushes and pulls through v2.
struct V2Client: Sendable {
    let port: Int

    func get(_ target: String, headers: [String: String] = [:]) async throws -> TestAnswer {
        try await exchange("GET", "/v2/\(target)", headers: headers, port: port)
    }

    /// Uploads a blob and returns its digest.
    func push(blob: [UInt8], into name: String) async throws -> String {
        let digest = Digest(.sha256, of: blob).description
        let target = "/v2/\(name)/blobs/uploads/?digest=\(digest)"
        let answer = try await exchange("POST", target, body: blob, port: port)
        guard answer.status == 201 else { throw UnexpectedAnswer(answer) }
        return digest
    }

    /// Pushes an image and returns its manifest's digest.
    ///
    /// - Parameter history: The image's history as JSON.
    func push(
        _ name: String,
        _ tag: String,
        layers: [[UInt8]],
        history: String = "[]",
        labels: String = "{}",
        mediaType: MediaType = .schema2
    ) async throws -> String {
        let configuration = Array(
            """
            {"architecture":"amd64","os":"linux","config":{"Labels":\(labels)},"history":\(history),\
            "rootfs":{"type":"layers","diff_ids":[]}}
            """.utf8
        )
        let isDocker = mediaType == .schema2
        let types: (MediaType, MediaType) =
            isDocker
            ? (.dockerConfiguration, .dockerLayerGzip)
            : (.ociConfiguration, MediaType("application/vnd.oci.image.layer.v1.tar+gzip"))
        func descriptor(_ type: MediaType, _ bytes: [UInt8], _ digest: String) -> String {
            "{\"mediaType\":\"\(type)\",\"size\":\(bytes.count),\"digest\":\"\(digest)\"}"
        }
        let configurationDigest = try await push(blob: configuration, into: name)
        var described: [String] = []
        for layer in layers {
            described.append(descriptor(types.1, layer, try await push(blob: layer, into: name)))
        }
        return try await push(
            manifest: """
                {"schemaVersion":2,"mediaType":"\(mediaType)",\
                "config":\(descriptor(types.0, configuration, configurationDigest)),\
                "layers":[\(described.joined(separator: ","))]}
                """,
            mediaType,
            name,
            tag
        )
    }

    /// Pushes a manifest and returns its digest.
    func push(manifest: String, _ mediaType: MediaType, _ name: String, _ reference: String) async throws -> String {
        let answer = try await exchange(
            "PUT",
            "/v2/\(name)/manifests/\(reference)",
            headers: ["Content-Type": mediaType.description],
            body: Array(manifest.utf8),
            port: port
        )
        guard answer.status == 201, let digest = answer["docker-content-digest"] else {
            throw UnexpectedAnswer(answer)
        }
        return digest
    }
}
