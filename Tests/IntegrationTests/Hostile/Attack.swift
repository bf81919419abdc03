import Foundation
import Testing

/// Attacks by clients, each in three variants.
enum Attack: String, CaseIterable {
    /// Clients request one zstd layer through v1.
    case recompression
    /// Indexes of many entries.
    case wideIndex
    /// Request bodies that stop arriving.
    case stalledBodies
    /// Responses that are not read.
    case unreadResponses
    /// Uploads that are begun but not finished.
    case openUploads
    /// v1 images that are begun but not finished.
    case begunImages
    /// JSON documents that take much memory.
    case largeDocuments
    /// Enormous numbers.
    case numbers

    private static let isFull = Requirement.isFull
    private static let quiet = "curl -s -o /dev/null -m 60"

    /// Begins the attack.
    ///
    /// - Parameter variant: One of the three variants.
    func begin(_ variant: Int, _ server: LongshoreProcess, _ directory: TemporaryDirectory) async throws
        -> AttackClients
    {
        let clients = AttackClients()
        switch self {
        case .recompression: try await recompress(variant, server, directory, clients)
        case .wideIndex: try await index(variant, server, directory, clients)
        case .stalledBodies: try await stall(variant, server, clients)
        case .unreadResponses: try await ignore(variant, server, clients)
        case .openUploads:
            let url = server.url("/v2/a/blobs/uploads/") + ["", "?mount=sha256:\(Self.digits)&from=b", ""][variant]
            let body = variant == 2 ? "-H 'Content-Type: application/octet-stream' -d x" : "-d ''"
            for _ in 0..<Self.clientCount { try clients.loop("\(Self.quiet) \(body) '\(url)'") }
        case .begunImages:
            let members = [
                "", ",\\\"comment\\\":\\\"\(String(repeating: "x", count: 20_000))\\\"", ",\\\"parent\\\":null",
            ]
            let json = "{\\\"id\\\":\\\"$id\\\"\(members[variant])}"
            let put = "\(Self.quiet) -X PUT -d \"\(json)\" \(server.url("/v1/images/$id/json"))"
            for _ in 0..<Self.clientCount { try clients.loop("id=$(printf %064x $i); \(put)") }
        case .largeDocuments: try await documents(variant, server, directory, clients)
        case .numbers: try await numbers(variant, server, clients)
        }
        return clients
    }

    private static let digits = String(repeating: "a", count: 64)
    private static let clientCount = isFull ? 12 : 4
    private static let documentByteCount = isFull ? 4 << 20 : 1 << 20

    private func recompress(
        _ variant: Int,
        _ server: LongshoreProcess,
        _ directory: TemporaryDirectory,
        _ clients: AttackClients
    ) async throws {
        let byteCount = [32 << 20, 256 << 20, 10 << 30][variant]
        let layer = try directory.write(BombLayer.zstd(byteCount, variant), to: "layer")
        let id = try await V2Push("a/zstd", to: server).run(layer: layer)
        for _ in 0..<8 { try clients.request([server.url("/v1/images/\(id)/layer")]) }
    }

    private func index(
        _ variant: Int,
        _ server: LongshoreProcess,
        _ directory: TemporaryDirectory,
        _ clients: AttackClients
    ) async throws {
        let push = V2Push("a/index", to: server)
        let child = try await image(push, annotations: "")
        try await push.manifest(child, as: "child")
        let digest = try await sha256(of: child, directory)
        let type = "application/vnd.oci.image.index.v1+json"
        let entry = "{\"mediaType\":\"\(V2Push.imageType)\",\"size\":\(child.count),\"digest\":\"\(digest)\"}"
        let count = [900, 4000, Self.isFull ? 16_000 : 6000][variant]
        let entries = Array(repeating: entry, count: count).joined(separator: ",")
        let text = "{\"schemaVersion\":2,\"mediaType\":\"\(type)\",\"manifests\":[\(entries)]}"
        try await push.manifest(Data(text.utf8), type, as: "wide")
        let accepts = [
            "application/vnd.docker.distribution.manifest.list.v2+json", type,
            "application/vnd.docker.distribution.manifest.v2+json",
        ]
        for number in 0..<Self.clientCount {
            let url = server.url("/v2/a/index/manifests/wide")
            try clients.loop("\(Self.quiet) -H 'Accept: \(accepts[number % 3])' \(url)")
        }
    }

    private func stall(_ variant: Int, _ server: LongshoreProcess, _ clients: AttackClients) async throws {
        let id = String(repeating: "b", count: 64)
        let paths = [
            "PUT /v2/a/manifests/x", "POST /v2/a/blobs/uploads/?digest=sha256:\(Self.digits)",
            "PUT /v1/images/\(id)/layer",
        ]
        let json = ["-X", "PUT", "-d", "{\"id\":\"\(id)\"}"]
        #expect(try await Curl.request(server.url("/v1/images/\(id)/json"), json).status == 200)
        let head = "\(paths[variant]) HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n"
        let body = [UInt8](repeating: 0x20, count: 600 << 10)
        for _ in 0..<(Self.isFull ? 300 : 100) { try clients.stall(Array(head.utf8) + body, at: server) }
    }

    private func ignore(_ variant: Int, _ server: LongshoreProcess, _ clients: AttackClients) async throws {
        let push = V2Push("a/large", to: server)
        let manifest = try await image(push, annotations: Self.annotations(variant))
        try await push.manifest(manifest, as: "x")
        let blob = try await push.blob(Data(count: 16 << 20), "x")
        let digest = try #require(blob.firstMatch(of: /sha256:[0-9a-f]{64}/)).0
        let path = [
            "/v2/a/large/manifests/x", "/v2/a/large/blobs/\(digest)", "/v2/a/large/blobs/\(digest)",
        ][variant]
        let ranges = "Range: bytes=0-8000000,8000001-16000000\r\n"
        let head = "GET \(path) HTTP/1.1\r\nHost: x\r\n\(variant == 2 ? ranges : "")\r\n"
        for _ in 0..<(Self.isFull ? 300 : 100) { try clients.stall(Array(head.utf8), at: server) }
    }

    private func documents(
        _ variant: Int,
        _ server: LongshoreProcess,
        _ directory: TemporaryDirectory,
        _ clients: AttackClients
    ) async throws {
        let push = V2Push("a/documents", to: server)
        for number in 0..<Self.clientCount {
            switch variant {
            case 0:
                let manifest = try await image(push, annotations: Self.annotations(number))
                let file = try directory.write(manifest, to: "manifest\(number)")
                let put = "-X PUT -H 'Content-Type: \(V2Push.imageType)' --data-binary @\(file)"
                try clients.loop("\(Self.quiet) \(put) \(server.url("/v2/a/documents/manifests/t\(number)"))")
            case 1:
                try await push.manifest(try await image(push, annotations: Self.annotations(number)), as: "t\(number)")
                try clients.loop("\(Self.quiet) \(server.url("/v1/repositories/a/documents/tags"))")
            default:
                let list = "[0\(String(repeating: ",0", count: Self.documentByteCount / 2 - 2))]"
                let file = try directory.write(Data(list.utf8), to: "list")
                let url = server.url("/v1/repositories/a/list\(number)/")
                try clients.loop("\(Self.quiet) -X PUT --data-binary @\(file) \(url)")
            }
        }
    }

    private func numbers(_ variant: Int, _ server: LongshoreProcess, _ clients: AttackClients) async throws {
        let push = V2Push("a/numbers", to: server)
        let blob = try await push.blob(Data("blob".utf8), "x")
        let digest = try #require(blob.firstMatch(of: /sha256:[0-9a-f]{64}/)).0
        let most = ["9223372036854775807", "18446744073709551616", "-9223372036854775808"][variant]
        for line in [
            "-H 'Range: bytes=\(most)-\(most)' \(server.url("/v2/a/numbers/blobs/\(digest)"))",
            "-H 'Range: bytes=-\(most)' \(server.url("/v2/a/numbers/blobs/\(digest)"))",
            "'\(server.url("/v2/_catalog?n=\(most)"))'", "'\(server.url("/v2/a/numbers/tags/list?n=\(most)"))'",
            "-X PATCH -H 'Content-Range: \(most)-\(most)' -d x \(server.url("/v2/a/numbers/blobs/uploads/x"))",
            "-X PUT -H 'Content-Length: \(most)' -d x \(server.url("/v2/a/numbers/manifests/x"))",
        ] { try clients.loop("\(Self.quiet) -m 2 \(line)") }
    }

    /// Annotations with a distinct letter that make a manifest of about ``documentByteCount``.
    private static func annotations(_ number: Int) -> String {
        let letter = Character(UnicodeScalar(UInt8(97 + number % 26)))
        return (0..<documentByteCount / 16).map { "\"\(letter)\(String($0, radix: 16))\":\"\"" }.joined(separator: ",")
    }

    /// A manifest of an image without layers, whose configuration is pushed.
    private func image(_ push: V2Push, annotations: String) async throws -> Data {
        let configuration = try await push.blob(
            Data("{\"architecture\":\"amd64\",\"os\":\"linux\"}".utf8),
            "application/vnd.oci.image.config.v1+json"
        )
        return Data(
            ("{\"schemaVersion\":2,\"mediaType\":\"\(V2Push.imageType)\",\"config\":\(configuration),\"layers\":[],"
                + "\"annotations\":{\(annotations)}}").utf8
        )
    }

    private func sha256(of data: Data, _ directory: TemporaryDirectory) async throws -> String {
        let file = try directory.write(data, to: "hashed")
        return try await IntegrationTests.sha256(of: "cat '\(file)'")
    }
}

extension Integration {
    @Suite("attacks", .needs("curl"), .serialized) struct AttackTests {
        @Test(
            "keep no other client waiting, take little memory, and do not delay the server's shutdown",
            arguments: Attack.allCases,
            0..<(Requirement.isFull ? 3 : 1)
        )
        func beside(attack: Attack, variant: Int) async throws {
            try await expectServiceBeside("\(attack) \(variant)") { server, directory in
                try await attack.begin(variant, server, directory)
            }
        }
    }
}
