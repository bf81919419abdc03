import ImageModel
import SystemLibraries
import Testing

/// A Docker engine that repeats the v1 requests of a real one, with its own layers, and checks every response.
struct RecordedEngine {
    let version: String
    let port: Int
    /// The JSON and the layer of each image that was pushed.
    private var images: [String: (json: [UInt8], layer: [UInt8])] = [:]
    /// The server's token, as the real client sends it: after `Token`.
    private var token: String?
    /// The credentials of the daemon whose pushes came before.
    private let authorization: String?

    init(version: String, port: Int, authorization: String? = nil) {
        self.version = version
        self.port = port
        self.authorization = authorization
    }

    /// Repeats the requests of one command, without v2 requests, unless it is an engine that v2 is hidden from.
    mutating func run(_ command: String) async throws {
        for exchange in try RecordedExchange.all("\(version)-v1-\(command)") {
            if exchange.target.hasPrefix("/v2/") {
                if ["1.0.1", "1.5.0"].contains(version) { try await expectNoV2(exchange) }
            } else {
                try await check(exchange)
            }
        }
    }

    /// Pushes the images that a command expects on the server although no recorded command pushed them.
    mutating func pushWhatIsMissing(for command: String) async throws {
        let daemon = V1Daemon(port: port, authorization: authorization)
        for exchange in try RecordedExchange.all("\(version)-v1-\(command)")
        where exchange.part == "json" && exchange.method == "GET" {
            guard let id = exchange.image, exchange.status == 200, images[id] == nil else { continue }
            let json = Array(exchange.answer.utf8)
            let layer = try Self.layer(of: id)
            images[id] = (json, layer)
            let checksum = Digest(.sha256, of: json + [UInt8(ascii: "\n")] + layer).description
            let headers = ["X-Docker-Checksum-Payload": checksum]
            #expect(try await daemon.put("images/\(id)/json", json).status == 200)
            #expect(try await daemon.put("images/\(id)/layer", layer).status == 200)
            #expect(try await daemon.put("images/\(id)/checksum", headers: headers).status == 200)
            // Rules make an image visible to users with a repository that contains it.
            if authorization != nil { #expect(try await daemon.tag("authbefore/images", "before", id) == 200) }
        }
    }

    private func expectNoV2(_ recorded: RecordedExchange) async throws {
        let answer = try await send(recorded, body: [])
        #expect(answer.status == 404)
        #expect(answer["docker-distribution-api-version"] == nil)
    }

    private mutating func check(_ recorded: RecordedExchange) async throws {
        let answer = try await send(recorded, body: body(of: recorded))
        #expect(answer.status == recorded.status, "\(recorded.method) \(recorded.target)")
        // Docker 0.9 and older require it on every response.
        #expect(answer["x-docker-registry-version"] == "0.9.1")
        if recorded.headers["X-Docker-Token"] == "true", recorded.target.contains("/repositories/"), answer.status < 300
        {
            token = answer["x-docker-token"]
            #expect(token?.hasPrefix("Token signature=") == true)
            #expect(answer["x-docker-endpoints"] == "registry.test:5000")
        }
        if recorded.part == "layer", recorded.method != "PUT" {
            let layer = recorded.image.flatMap { images[$0]?.layer } ?? []
            #expect(answer["content-length"] == "\(layer.count)")
            #expect(recorded.method == "HEAD" || answer.body == layer)
        } else {
            expectBody(answer, recorded)
        }
    }

    private func send(_ recorded: RecordedExchange, body: [UInt8]) async throws -> TestAnswer {
        var headers = recorded.headers
        // The recorded engines were built with a later Go than the released ones.
        if headers["User-Agent"] == "Go-http-client/1.1" { headers["User-Agent"] = "Go 1.1 package http" }
        if headers["Authorization"]?.hasPrefix("Token ") == true, let token {
            headers["Authorization"] = "Token \(token)"
        }
        if recorded.part == "checksum", let image = recorded.image.flatMap({ images[$0] }) {
            let bytes = image.json + [UInt8(ascii: "\n")] + image.layer
            headers["X-Docker-Checksum-Payload"] = Digest(.sha256, of: bytes).description
        }
        return try await exchange(recorded.method, recorded.target, headers: headers, body: body, port: port)
    }

    private mutating func body(of recorded: RecordedExchange) throws -> [UInt8] {
        guard recorded.method == "PUT", let id = recorded.image else { return Array(recorded.body.utf8) }
        switch recorded.part {
        case "json": images[id] = (Array(recorded.body.utf8), try Self.layer(of: id))
        case "layer": return images[id]?.layer ?? []
        default: break
        }
        return Array(recorded.body.utf8)
    }

    private func expectBody(_ answer: TestAnswer, _ recorded: RecordedExchange) {
        // A proxy in front of the recorded server handled logins in its own words.
        guard recorded.method != "HEAD", recorded.status != 401 else { return }
        if recorded.target.hasPrefix("/v1/search") {
            // The recorded server had more results.
            #expect(answer.text.contains("\"name\": \"\(recorded.target.searchTerm)/"))
        } else if recorded.target.hasSuffix("/images") {
            #expect(Self.ids(answer.text) == Self.ids(recorded.answer))
        } else {
            #expect(answer.text == recorded.answer, "\(recorded.method) \(recorded.target)")
        }
    }

    private static func ids(_ list: String) -> Set<String> {
        let entries = (try? JSONValue(parsing: Array(list.utf8)))?.array ?? []
        return Set(entries.compactMap { $0["id"]?.string })
    }

    private static func layer(of id: String) throws -> [UInt8] {
        try TestLayer.gzip(TestLayer.tar("file-\(id.prefix(12))", TestLayer.noise(3000, seed: UInt64(id.utf8.count))))
    }
}

extension String {
    fileprivate var searchTerm: Substring { split(separator: "?q=").last?.prefix { $0 != "&" } ?? "" }
}
