import Foundation
import Testing

/// Referrers of an image and lists of it, pushed with curl like a current client does.
struct PushedArtifacts {
    /// The repository's URL, such as `http://127.0.0.1:5000/v2/a/b`.
    let url: String
    let directory: TemporaryDirectory

    private static let manifest = "application/vnd.oci.image.manifest.v1+json"
    private static let index = "application/vnd.oci.image.index.v1+json"

    /// Pushes an index that lists the image of `tag`, an artifact that refers to it, and one that is deleted again.
    func push(about tag: String) async throws {
        let head = try await Curl.request("\(url)/manifests/\(tag)", Curl.acceptsManifests)
        let digest = try #require(head.headers["docker-content-digest"])
        let type = try #require(head.headers["content-type"])
        let subject = "{\"mediaType\":\"\(type)\",\"digest\":\"\(digest)\",\"size\":\(head.body.count)}"
        let empty = try await push(blob: "{}")
        let layer = try await push(blob: "a signature")
        let index = "{\"schemaVersion\":2,\"mediaType\":\"\(Self.index)\",\"manifests\":[\(subject)]}"
        _ = try await push(index, Self.index, as: "index")
        let artifact = """
            {"schemaVersion":2,"mediaType":"\(Self.manifest)","artifactType":"application/vnd.example.signature",\
            "config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"\(empty)","size":2},\
            "layers":[{"mediaType":"text/plain","digest":"\(layer)","size":11}],"subject":\(subject)}
            """
        _ = try await push(artifact, Self.manifest, as: "artifact")
        let gone = try await push(artifact + "\n", Self.manifest, as: "gone")
        let deleted = try await Curl.request("\(url)/manifests/\(gone)", ["-X", "DELETE"])
        #expect(deleted.status == 202)
    }

    /// Every tag and its digest.
    func digests() async throws -> [String: String] {
        struct List: Decodable { let tags: [String] }
        let list = try JSONDecoder().decode(List.self, from: try await Curl.request("\(url)/tags/list").body)
        var digests: [String: String] = [:]
        for tag in list.tags {
            let accept = Curl.acceptsManifests + ["-H", "Accept: \(Self.index)"]
            let answer = try await Curl.request("\(url)/manifests/\(tag)", accept)
            #expect(answer.status == 200)
            digests[tag] = answer.headers["docker-content-digest"]
        }
        return digests
    }

    private func push(blob text: String) async throws -> String {
        let file = try directory.write(Data(text.utf8), to: "blob")
        let digest = try await sha256(of: "cat '\(file)'")
        let begun = try await Curl.request("\(url)/blobs/uploads/", ["-X", "POST"])
        let location = try #require(begun.headers["location"])
        let octets = ["-H", "Content-Type: application/octet-stream", "-T", file]
        let separator = location.contains("?") ? "&" : "?"
        let ended = try await Curl.request("\(location)\(separator)digest=\(digest)", octets)
        #expect(ended.status == 201, "\(ended.text)")
        return digest
    }

    private func push(_ text: String, _ type: String, as tag: String) async throws -> String {
        let file = try directory.write(Data(text.utf8), to: "manifest")
        let answer = try await Curl.request("\(url)/manifests/\(tag)", ["-H", "Content-Type: \(type)", "-T", file])
        #expect(answer.status == 201, "\(answer.text)")
        return try #require(answer.headers["docker-content-digest"])
    }
}
