import Foundation
import Testing

/// A v1 daemon, simulated with curl: it sends what Docker 1.5.0 was recorded to send, in the same order.
struct V1Curl: Sendable {
    let host: String
    /// The options of every request.
    var options: [String] = []

    private static let agent = "docker/1.5.0 go/go1.4.1 git-commit/a8a31ef kernel/3.16.0-4-amd64 os/linux arch/amd64"

    func send(_ method: String, _ path: String, _ arguments: [String] = []) async throws -> Curl.Answer {
        try await Curl.request("http://\(host)/v1/\(path)", ["-X", method, "-A", Self.agent] + options + arguments)
    }

    /// Pushes a chain of images, root first, and tags the last.
    func push(_ images: [V1Files], as repository: String, _ tag: String) async throws {
        let list = "[\(images.map { "{\"id\":\"\($0.id)\"}" }.joined(separator: ","))]"
        let token = ["-H", "X-Docker-Token: true"]
        try await expect(200, "GET", "_ping")
        try await expect(200, "PUT", "repositories/\(repository)/", token + Self.body(list))
        for image in images { try await push(image) }
        try await self.tag(images.last?.id ?? "", as: repository, tag)
        try await expect(204, "PUT", "repositories/\(repository)/images", token + Self.body("[]"))
    }

    /// Pushes one image, unless the registry has it.
    func push(_ image: V1Files) async throws {
        if try await send("GET", "images/\(image.id)/json").status == 200 { return }
        try await putJSON(image)
        try await expect(200, "PUT", "images/\(image.id)/layer", Self.layer(image))
        let checksum = try await image.checksum
        let headers = ["-H", "X-Docker-Checksum-Payload: \(checksum)", "-H", "Content-Length: 0"]
        try await expect(200, "PUT", "images/\(image.id)/checksum", headers)
    }

    func putJSON(_ image: V1Files) async throws {
        let json = ["-H", "Content-Type: application/json", "--data-binary", "@\(image.json)"]
        try await expect(200, "PUT", "images/\(image.id)/json", json)
    }

    func tag(_ id: String, as repository: String, _ tag: String) async throws {
        try await expect(200, "PUT", "repositories/\(repository)/tags/\(tag)", Self.body("\"\(id)\""))
    }

    /// The tag's image, or nil when there is no such tag.
    func image(of repository: String, _ tag: String) async throws -> String? {
        let answer = try await send("GET", "repositories/\(repository)/tags/\(tag)")
        guard answer.status == 200 else {
            #expect(answer.status == 404)
            return nil
        }
        return answer.text.filter { $0 != "\"" }
    }

    /// Pulls a tag, verifies each image's checksum, and returns the ids, top first.
    ///
    /// - Parameter isChecksummed: False where images have no checksum, as v2 images.
    @discardableResult
    func pull(_ repository: String, _ tag: String, isChecksummed: Bool = true) async throws -> [String] {
        try await expect(200, "GET", "repositories/\(repository)/images")
        let top = try #require(await image(of: repository, tag))
        let ancestry = try await expect(200, "GET", "images/\(top)/ancestry")
        let ids = try JSONDecoder().decode([String].self, from: ancestry.body)
        #expect(ids.first == top)
        for id in ids {
            let json = try await expect(200, "GET", "images/\(id)/json")
            let layer = try await expect(200, "GET", "images/\(id)/layer")
            #expect(json.headers["x-docker-size"] == "\(layer.body.count)")
            let stated = json.headers["x-docker-checksum-payload"]
            if isChecksummed { #expect(stated != nil) }
            guard let stated else { continue }
            let actual = try await withTemporaryDirectory { directory in
                let whole = json.body + Data("\n".utf8) + layer.body
                return try await sha256(of: "cat '\(directory.write(whole, to: "whole"))'")
            }
            #expect(actual == stated)
        }
        return ids
    }

    @discardableResult
    func expect(_ status: Int, _ method: String, _ path: String, _ arguments: [String] = []) async throws -> Curl.Answer
    {
        let answer = try await send(method, path, arguments)
        #expect(answer.status == status, "\(method) \(path): \(answer.text)")
        return answer
    }

    /// Sends a layer in chunks, as its length is not known beforehand.
    static func layer(_ image: V1Files) -> [String] {
        ["-H", "Transfer-Encoding: chunked", "-H", "Content-Type: application/octet-stream", "-T", image.layer]
    }

    private static func body(_ text: String) -> [String] {
        ["-H", "Content-Type: application/json", "--data-binary", text]
    }
}
