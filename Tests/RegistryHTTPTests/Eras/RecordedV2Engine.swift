import Foundation
import ImageModel
import SystemLibraries
import Testing

/// A Docker engine that repeats the v2 requests a real one sent to registry:2, and checks every response.
struct RecordedV2Engine {
    /// A blob or a manifest that the engine pushes, with its own digest.
    struct Content {
        let bytes: [UInt8]
        let digest: String
    }

    let version: String
    let port: Int
    /// The repository that replaces the recorded one; nil to keep it.
    var repository: String?
    /// Replacements for the recorded content, by recorded digest.
    private let contents: [String: Content]
    /// The locations of uploads, by recorded id.
    private var locations: [String: String] = [:]

    init(version: String, port: Int) throws {
        self.version = version
        self.port = port
        contents = try version == "1.9.1" ? Self.schema1Contents() : Self.schema2Contents()
    }

    /// Repeats the requests of one command.
    mutating func run(_ command: String) async throws {
        let exchanges = try RecordedExchange.all("\(version)-v2-\(command)")
        #expect(!exchanges.isEmpty)
        for exchange in exchanges { try await check(exchange) }
    }

    private mutating func check(_ recorded: RecordedExchange) async throws {
        let answer = try await send(recorded)
        let name = "\(recorded.method) \(recorded.target.prefix(120))"
        #expect(answer.status == recorded.status, "\(name)")
        for header in ["Docker-Distribution-Api-Version", "Docker-Content-Digest", "Content-Type"] {
            // The charset of JSON is implied.
            let value = recorded.answerHeaders[header]?.replacing("; charset=utf-8", with: "")
            guard let value, answer.status < 300 else { continue }
            let expected = header == "Docker-Content-Digest" ? digest(value) : value
            #expect(answer[header.lowercased()] == expected, "\(name): \(header)")
        }
        if let upload = recorded.answerHeaders["Docker-Upload-Uuid"] {
            let location = try #require(answer["location"], "\(name)")
            locations[upload] = location
            #expect(answer["docker-upload-uuid"] != nil)
            let length = recorded.bodyDigest.flatMap { contents[$0]?.bytes.count } ?? 1
            #expect(answer["range"] == "0-\(length - 1)", "\(name)")
        }
        if recorded.status == 200, let content = recorded.namedDigest.flatMap({ contents[$0] }) {
            #expect(answer["content-length"] == "\(content.bytes.count)", "\(name)")
            if recorded.method == "GET" { #expect(answer.body == content.bytes, "\(name)") }
        }
    }

    private func send(_ recorded: RecordedExchange) async throws -> TestAnswer {
        var target = recorded.target
        if let repository { target = target.replacing("/v2/lab191/multiwh/", with: "/v2/\(repository)/") }
        if let upload = target.firstMatch(of: /\/uploads\/([0-9a-f-]{36})/)?.1 {
            target = RegistryClient.path(of: try #require(locations[String(upload)]))
            if let digest = recorded.target.firstMatch(of: /digest=(sha256%3A[0-9a-f]{64})/)?.1 {
                let digest = self.digest(String(digest).replacing("%3A", with: ":")).replacing(":", with: "%3A")
                target += "\(target.contains("?") ? "&" : "?")digest=\(digest)"
            }
        } else if let digest = target.firstMatch(of: /sha256:[0-9a-f]{64}/)?.0 {
            target = target.replacing(digest, with: self.digest(String(digest)))
        }
        let isManifest = recorded.method == "PUT" && target.contains("/manifests/")
        let key = isManifest ? recorded.answerHeaders["Docker-Content-Digest"] : recorded.bodyDigest
        let body = key.flatMap { contents[$0]?.bytes } ?? []
        let client = RegistryClient(port: port, repository: "")
        let headers = recorded.headers.map { ($0.key, $0.value) }
        guard recorded.method == "PATCH" else {
            return try await client.send(recorded.method, absolute: target, headers, body.isEmpty ? nil : body)
        }
        // Engines upload one chunk of unknown length.
        let chunk = Array("\(String(body.count, radix: 16))\r\n".utf8) + body + Array("\r\n0\r\n\r\n".utf8)
        let lines = headers.map { "\($0.0): \($0.1)\r\n" }.joined()
        let head = "PATCH \(target) HTTP/1.1\r\nHost: 127.0.0.1\r\n\(lines)Transfer-Encoding: chunked\r\n\r\n"
        return try await withClient(of: port) { client in
            try client.send(Array(head.utf8) + chunk)
            return try client.receiveAnswer()
        }
    }

    /// The digest that replaces a recorded one.
    private func digest(_ recorded: String) -> String { contents[recorded]?.digest ?? recorded }

    /// What Docker 1.9.1 pushed, byte for byte; of its manifest registry:2 kept only the payload and signed it.
    private static func schema1Contents() throws -> [String: Content] {
        let image = try GoldenImage()
        var contents = [image.manifestDigest: Content(bytes: image.manifest, digest: image.manifestDigest)]
        for layer in image.layers {
            contents[layer.digest.description] = Content(bytes: layer.bytes, digest: layer.digest.description)
        }
        return contents
    }

    /// What Docker 1.12.6 pushed, with layers of the same content compressed again.
    private static func schema2Contents() throws -> [String: Content] {
        let image = try GoldenImage.withEmptyLayers()
        let put = try #require(try RecordedExchange.all("1.12.6-v2-push").last)
        let manifest = try Manifest(parsing: Array(put.body.utf8), contentType: .schema2)
        #expect(manifest.configuration?.digest.description == image.imageID)
        var contents = [image.imageID: Content(bytes: image.configuration, digest: image.imageID)]
        var text = put.body
        for (recorded, layer) in zip(manifest.layers, image.layers.reversed()) {
            contents[recorded.digest.description] = Content(bytes: layer.bytes, digest: layer.digest.description)
            text = text.replacing(recorded.digest.description, with: layer.digest.description)
                .replacing("\"size\": \(recorded.size),", with: "\"size\": \(layer.bytes.count),")
        }
        let digest = try #require(put.answerHeaders["Docker-Content-Digest"])
        let bytes = Array(text.utf8)
        contents[digest] = Content(bytes: bytes, digest: Digest(.sha256, of: bytes).description)
        return contents
    }
}

extension RecordedExchange {
    /// The digest of the blob or manifest in the response.
    fileprivate var namedDigest: String? { answerHeaders["Docker-Content-Digest"] }
}
