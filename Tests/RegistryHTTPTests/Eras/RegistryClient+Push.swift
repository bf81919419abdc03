import ImageModel
import SystemLibraries
import Testing

/// Pushes of an image, in the order of each era's clients.
extension RegistryClient {
    /// Pushes the golden image in an era's way.
    func push(_ image: GoldenImage, by era: Era) async throws {
        if era == .v1 { return try await pushByV1(image) }
        var pushed: Set<Digest> = []
        for layer in image.layers.reversed() where pushed.insert(layer.digest).inserted {
            try await push(blob: layer.bytes)
        }
        if era == .schema1 {
            let answer = try await send("PUT", "manifests/\(GoldenImage.tag)", Era.schema1.pullHeaders, image.manifest)
            #expect(answer.status == 201)
            #expect(answer["docker-content-digest"] == image.manifestDigest)
            return
        }
        try await push(blob: image.configuration)
        let answer = try await push(image.modern(isDocker: era == .schema2), as: GoldenImage.tag)
        #expect(answer.status == 201)
    }

    /// Docker 1.5's order: the list, each image from the base up, the tag, the list again.
    private func pushByV1(_ image: GoldenImage) async throws {
        let headers = Era.v1.pullHeaders
        let ids = try image.ids()
        let list = Array("[\(ids.map { "{\"id\":\"\($0)\"}" }.joined(separator: ","))]".utf8)
        try await expect(200, "PUT", "/v1/repositories/\(repository)/", headers, list)
        for (index, id) in ids.enumerated().reversed() {
            let json = Array(image.history[index].utf8)
            let layer = image.layers[index].bytes
            try await expect(404, "GET", "/v1/images/\(id)/json", headers)
            try await expect(200, "PUT", "/v1/images/\(id)/json", headers, json)
            try await expect(200, "PUT", "/v1/images/\(id)/layer", headers, layer)
            let checksum = Digest(.sha256, of: json + Array("\n".utf8) + layer)
            let sums = [("X-Docker-Checksum-Payload", checksum.description)]
            try await expect(200, "PUT", "/v1/images/\(id)/checksum", headers + sums, [])
        }
        let top = try #require(ids.first)
        let tag = "/v1/repositories/\(repository)/tags/\(GoldenImage.tag)"
        try await expect(200, "PUT", tag, headers, Array("\"\(top)\"".utf8))
        try await expect(204, "PUT", "/v1/repositories/\(repository)/images", headers, Array("[]".utf8))
    }

    @discardableResult
    func expect(
        _ status: Int,
        _ method: String,
        _ target: String,
        _ headers: [(String, String)] = [],
        _ body: [UInt8]? = nil
    ) async throws -> TestAnswer {
        let answer = try await send(method, absolute: target, headers, body)
        guard answer.status == status else { throw UnexpectedAnswer(answer) }
        return answer
    }
}
