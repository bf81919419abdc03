import Foundation
import ImageModel
import SystemLibraries

/// The content of both registries while they are measured.
struct BenchmarkContent {
    private let scale: Scale
    private let configuration = Array("{\"architecture\":\"amd64\",\"os\":\"linux\"}".utf8)
    private let layer = (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    /// The repeated piece that the large blob consists of.
    private let piece: [UInt8]
    private let largeDigest: Digest

    init(_ scale: Scale) {
        self.scale = scale
        var generator = SystemRandomNumberGenerator()
        let words = (0..<(1 << 17)).map { _ in generator.next() }
        piece = words.withUnsafeBytes { Array($0) }
        var hash = StreamingDigest(.sha256)
        for _ in 0..<(scale.largeByteCount / piece.count) { hash.update(piece) }
        largeDigest = hash.digest()
    }

    var layerDigest: Digest { Digest(.sha256, of: layer) }

    /// The name of one of many repositories.
    static func repository(_ number: Int) -> String { String(format: "many/repository-%05d", number) }

    /// Pushes an image through the API, and creates many repositories by copying links, as no client would.
    func push(to server: ServerProcess) throws {
        let socket = try BenchmarkSocket(port: server.port)
        for blob in [configuration, layer] { try Self.push(blob, socket) }
        let manifest = Array(
            """
            {"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json",\
            "config":\(Self.descriptor(configuration, "application/vnd.docker.container.image.v1+json")),\
            "layers":[\(Array(repeating: Self.descriptor(layer, "application/vnd.docker.image.rootfs.diff.tar.gzip"), count: 8)
                .joined(separator: ","))]}
            """.utf8
        )
        let type = "application/vnd.docker.distribution.manifest.v2+json"
        _ = try socket.exchange("PUT", "/v2/bench/app/manifests/latest", type: type, manifest)
        let repositories = server.root + "/docker/registry/v2/repositories/"
        try FileManager.default.createDirectory(atPath: repositories + "many", withIntermediateDirectories: true)
        for number in 0..<scale.repositoryCount {
            try FileManager.default.copyItem(
                atPath: repositories + "bench/app",
                toPath: repositories + Self.repository(number)
            )
        }
    }

    /// Pushes the large blob, in one PUT or in chunks, and returns how many seconds that took.
    func pushLarge(to server: ServerProcess, chunkByteCount: Int?) throws -> Double {
        let socket = try BenchmarkSocket(port: server.port)
        // The registry must not know the bytes.
        try remove(largeDigest, from: server)
        let start = ContinuousClock.now
        var location = try Self.begin(socket)
        if let chunkByteCount {
            for offset in stride(from: 0, to: scale.largeByteCount, by: chunkByteCount) {
                let count = min(chunkByteCount, scale.largeByteCount - offset)
                try socket.sendHead("PATCH", location, byteCount: count)
                for _ in 0..<(count / piece.count) { try socket.send(piece) }
                location = try Self.location(try socket.receiveAnswer())
            }
            try end(location, largeDigest, byteCount: 0, socket)
        } else {
            try end(location, largeDigest, byteCount: scale.largeByteCount, socket)
        }
        return start.duration(to: .now) / .seconds(1)
    }

    /// Pulls the large blob and returns how many seconds that took.
    func pullLarge(from server: ServerProcess) throws -> Double {
        let socket = try BenchmarkSocket(port: server.port)
        let start = ContinuousClock.now
        try socket.sendHead("GET", "/v2/bench/app/blobs/\(largeDigest)", byteCount: 0)
        try socket.discard(exactly: try socket.receiveHead())
        return start.duration(to: .now) / .seconds(1)
    }

    /// Writes the large blob to a file next to the registries' directories, makes it durable, and returns how many
    /// seconds that took: no durable push can be faster on this disk.
    func writeLarge(below directory: String) throws -> Double {
        let path = directory + "/disk"
        let start = ContinuousClock.now
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard descriptor >= 0 else { throw BenchmarkSocket.Failure.ended }
        defer {
            close(descriptor)
            unlink(path)
        }
        for _ in 0..<(scale.largeByteCount / piece.count) {
            guard write(descriptor, piece, piece.count) == piece.count else { throw BenchmarkSocket.Failure.ended }
        }
        guard fsync(descriptor) == 0 else { throw BenchmarkSocket.Failure.ended }
        return start.duration(to: .now) / .seconds(1)
    }

    /// Pushes a blob in two requests.
    static func push(_ bytes: [UInt8], to repository: String = "bench/app", _ socket: BenchmarkSocket) throws {
        let location = try begin(in: repository, socket)
        let separator = location.contains("?") ? "&" : "?"
        _ = try socket.exchange("PUT", "\(location)\(separator)digest=\(Digest(.sha256, of: bytes))", bytes)
    }

    private static func begin(in repository: String = "bench/app", _ socket: BenchmarkSocket) throws -> String {
        try location(try socket.exchange("POST", "/v2/\(repository)/blobs/uploads/"))
    }

    private func end(_ location: String, _ digest: Digest, byteCount: Int, _ socket: BenchmarkSocket) throws {
        let separator = location.contains("?") ? "&" : "?"
        try socket.sendHead("PUT", "\(location)\(separator)digest=\(digest)", byteCount: byteCount)
        for _ in 0..<(byteCount / piece.count) { try socket.send(piece) }
        _ = try socket.receiveAnswer()
    }

    private func remove(_ digest: Digest, from server: ServerProcess) throws {
        let directory = "\(server.root)/docker/registry/v2/blobs/sha256/\(digest.hex.prefix(2))/\(digest.hex)"
        if FileManager.default.fileExists(atPath: directory) { try FileManager.default.removeItem(atPath: directory) }
    }

    /// The JSON of a descriptor.
    static func descriptor(_ bytes: [UInt8], _ type: String) -> String {
        "{\"mediaType\":\"\(type)\",\"size\":\(bytes.count),\"digest\":\"\(Digest(.sha256, of: bytes))\"}"
    }

    /// The location for continuing an upload.
    private static func location(_ answer: BenchmarkSocket.Answer) throws -> String {
        guard let location = answer.field("Location"), let start = location.range(of: "/v2/") else {
            throw BenchmarkSocket.Failure.refused(answer.head)
        }
        return String(location[start.lowerBound...])
    }
}
