import Conversion
import ImageModel
import SystemLibraries
import Testing

/// The result of a pull.
struct PulledImage: Equatable {
    /// The digests of the tars, bottom first.
    var diffIDs: [String]
    /// The image's id: for v1 and schema1 the top image's, else the configuration's digest.
    var id: String
}

/// Pulls of an image in each era's way, with its clients' checks.
extension RegistryClient {
    /// Pulls a tag in an era's way.
    func pull(_ tag: String, by era: Era) async throws -> PulledImage {
        switch era {
        case .v1: try await pullByV1(tag)
        case .schema1: try await pullSchema1(tag)
        case .schema2, .oci: try await pullModern(tag, by: era)
        }
    }

    private func pullByV1(_ tag: String) async throws -> PulledImage {
        let headers = Era.v1.pullHeaders
        try await expect(200, "GET", "/v1/repositories/\(repository)/images", headers)
        let tags = try await expect(200, "GET", "/v1/repositories/\(repository)/tags", headers)
        let top = try #require(try JSONValue(parsing: tags.body)[tag]?.string)
        let ancestry = try await expect(200, "GET", "/v1/images/\(top)/ancestry", headers)
        let ids = try #require(try JSONValue(parsing: ancestry.body).array).compactMap(\.string)
        #expect(ids.first == top)
        var diffIDs: [String] = []
        for (index, id) in ids.enumerated() {
            let json = try JSONValue(parsing: try await expect(200, "GET", "/v1/images/\(id)/json", headers).body)
            #expect(json["id"]?.string == id)
            #expect(json["parent"]?.string == (index + 1 < ids.count ? ids[index + 1] : nil))
            let layer = try await expect(200, "GET", "/v1/images/\(id)/layer", headers)
            diffIDs.insert(try GoldenImage.diffID(of: layer.body), at: 0)
        }
        return PulledImage(diffIDs: diffIDs, id: top)
    }

    private func pullSchema1(_ tag: String) async throws -> PulledImage {
        let answer = try await expect(200, "GET", "/v2/\(repository)/manifests/\(tag)", Era.schema1.pullHeaders)
        #expect(answer["content-type"] == MediaType.schema1Signed.description)
        let signed = try SignedSchema1(verifying: answer.body)
        #expect(!signed.keyIDs.isEmpty)
        #expect(answer["docker-content-digest"] == signed.digest.description)
        let schema1 = try #require(Manifest(parsing: signed.payload, contentType: .schema1).schema1)
        #expect(schema1.name == repository)
        #expect(schema1.tag == tag)
        let history = try Schema1History(schema1)
        for digest in Set(schema1.layers) {
            try await expect(200, "HEAD", "/v2/\(repository)/blobs/\(digest)", Era.schema1.pullHeaders)
        }
        var diffIDs: [String] = []
        for digest in history.layers { diffIDs.append(try GoldenImage.diffID(of: try await blob(digest))) }
        let top = try JSONValue(parsing: Array(try #require(schema1.history.first).utf8))
        return PulledImage(diffIDs: diffIDs, id: try #require(top["id"]?.string))
    }

    private func pullModern(_ tag: String, by era: Era) async throws -> PulledImage {
        let head = try await expect(200, "HEAD", "/v2/\(repository)/manifests/\(tag)", era.pullHeaders)
        let byTag = try await expect(200, "GET", "/v2/\(repository)/manifests/\(tag)", era.pullHeaders)
        let digest = try Digest(parsing: try #require(head["docker-content-digest"]))
        #expect(Digest(digest.algorithm, of: byTag.body) == digest)
        #expect(head["content-length"] == String(byTag.body.count))
        let byDigest = try await expect(200, "GET", "/v2/\(repository)/manifests/\(digest)", era.pullHeaders)
        #expect(byDigest.body == byTag.body)
        for answer in [byTag, byDigest] { #expect(answer["content-type"] == head["content-type"]) }
        let type = MediaType(try #require(byTag["content-type"]))
        #expect(type == .schema2 || era == .oci && type == .ociManifest)
        let manifest = try Manifest(parsing: byTag.body, contentType: type)
        let configuration = try #require(manifest.configuration)
        let document = try JSONValue(parsing: try await blob(configuration.digest))
        var diffIDs: [String] = []
        for layer in manifest.layers {
            let bytes = try await blob(layer.digest)
            #expect(Int64(bytes.count) == layer.size)
            diffIDs.append(try GoldenImage.diffID(of: bytes))
        }
        #expect(document["rootfs"]?["diff_ids"]?.array?.compactMap(\.string) == diffIDs)
        return PulledImage(diffIDs: diffIDs, id: configuration.digest.description)
    }

    private func blob(_ digest: Digest) async throws -> [UInt8] {
        let answer = try await expect(200, "GET", "/v2/\(repository)/blobs/\(digest)")
        #expect(Digest(digest.algorithm, of: answer.body) == digest)
        return answer.body
    }
}
