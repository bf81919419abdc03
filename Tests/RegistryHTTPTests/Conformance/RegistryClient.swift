import ImageModel
import SystemLibraries

/// A client of one repository: each request uses its own connection, and nothing happens implicitly.
struct RegistryClient: Sendable {
    /// The port of our own registry; 0 for another one.
    let port: Int
    let repository: String
    private let other: OtherRegistry?

    /// A client of our own registry, on this machine.
    init(port: Int, repository: String) {
        self.port = port
        self.repository = repository
        self.other = nil
    }

    /// A client of another registry.
    init(_ other: OtherRegistry, repository: String) {
        self.port = 0
        self.repository = repository
        self.other = other
    }

    /// A client of another repository of the same registry.
    func repository(_ name: String) -> RegistryClient {
        other.map { RegistryClient($0, repository: name) } ?? RegistryClient(port: port, repository: name)
    }

    /// Sends a request with a path below `/v2/` and the repository's name.
    func send(
        _ method: String,
        _ path: String,
        _ headers: [(String, String)] = [],
        _ body: [UInt8]? = nil
    ) async throws -> TestAnswer {
        try await send(method, absolute: "/v2/\(repository)/\(path)", headers, body)
    }

    /// Sends a request for a full path, or for a URL from a `Location` or `Link` header.
    func send(
        _ method: String,
        absolute target: String,
        _ headers: [(String, String)] = [],
        _ body: [UInt8]? = nil
    ) async throws -> TestAnswer {
        if let other { return try await other.send(method, target, headers, body) }
        var lines = ["\(method) \(Self.path(of: target)) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Connection: close"]
        lines += headers.map { "\($0.0): \($0.1)" }
        if body != nil || ["POST", "PUT", "PATCH"].contains(method) {
            lines.append("Content-Length: \(body?.count ?? 0)")
        }
        let head = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        return try await withClient(of: port) { client in
            try client.send(head + (body ?? []))
            return try client.receiveLastAnswer(hasBody: method != "HEAD")
        }
    }

    /// The path and query of a URL that may be absolute.
    static func path(of target: String) -> String {
        guard let scheme = target.firstRange(of: "://") else { return target }
        let rest = target[scheme.upperBound...]
        return rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? "/"
    }
}

/// Pushes that most tests need.
extension RegistryClient {
    /// Pushes a blob in one request after its POST.
    @discardableResult
    func push(blob bytes: [UInt8], as algorithm: Digest.Algorithm = .sha256) async throws -> Digest {
        let digest = Digest(algorithm, of: bytes)
        let answer = try await finish(try await begin(), digest, bytes)
        guard answer.status == 201 else { throw UnexpectedAnswer(answer) }
        return digest
    }

    /// Begins an upload and returns its location.
    func begin(_ query: String = "") async throws -> String {
        let answer = try await send("POST", "blobs/uploads/\(query)")
        guard answer.status == 202, let location = answer["location"] else { throw UnexpectedAnswer(answer) }
        return location
    }

    /// Finishes an upload.
    func finish(_ location: String, _ digest: Digest, _ bytes: [UInt8] = []) async throws -> TestAnswer {
        let separator = location.contains("?") ? "&" : "?"
        return try await send(
            "PUT",
            absolute: "\(location)\(separator)digest=\(digest)",
            [("Content-Type", "application/octet-stream")],
            bytes
        )
    }

    /// Sends one chunk of an upload.
    func patch(_ location: String, _ bytes: [UInt8], range: String? = nil) async throws -> TestAnswer {
        var headers = [("Content-Type", "application/octet-stream")]
        if let range { headers.append(("Content-Range", range)) }
        return try await send("PATCH", absolute: location, headers, bytes)
    }

    /// Pushes a manifest under a tag or a digest.
    @discardableResult
    func push(_ manifest: TestManifest, as reference: String, query: String = "") async throws -> TestAnswer {
        try await send("PUT", "manifests/\(reference)\(query)", [("Content-Type", manifest.mediaType)], manifest.bytes)
    }

    /// Pushes an image with a single layer that contains `text`, under a tag.
    func pushImage(_ text: String, tag: String) async throws -> TestManifest {
        let image = try await image(text)
        let answer = try await push(image, as: tag)
        guard answer.status == 201 else { throw UnexpectedAnswer(answer) }
        return image
    }

    /// An image whose configuration and only layer are pushed, but not the manifest itself.
    func image(_ text: String, subject: TestManifest? = nil, artifactType: String? = nil) async throws -> TestManifest {
        let configuration = Array("{\"architecture\":\"amd64\",\"os\":\"linux\",\"comment\":\"\(text)\"}".utf8)
        let layer = Array("layer \(text)".utf8)
        try await push(blob: configuration)
        try await push(blob: layer)
        return TestManifest.image(configuration, layers: [layer], subject: subject, artifactType: artifactType)
    }
}
