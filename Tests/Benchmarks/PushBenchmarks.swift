import Foundation
import ImageModel
import SystemLibraries

/// Measures pushes of small images and manifests, against Debian's docker-registry, which syncs nothing.
struct PushBenchmarks {
    let scratch: URL
    let scale: Scale

    func run() throws {
        let servers = try ServerProcess.besideDockerRegistry(below: scratch.appending(path: "push"))
        defer { for server in servers { server.stop() } }
        for clients in [1, 8] {
            let scenarios = [
                Scenario(name: "v2 push of a 4 KB image by \(clients)", unit: "/s", goal: nil) { server in
                    let port = server.port
                    return try scale.rate(of: clients) { try SmallImages(port, client: $0).pushNext() }
                },
                Scenario(name: "manifest to a new tag by \(clients)", unit: "/s", goal: nil) { server in
                    let port = server.port
                    return try scale.rate(of: clients) { try SmallImages(port, client: $0).tagNext() }
                },
            ]
            for scenario in scenarios { print(scenario.line(try scenario.measure(servers))) }
        }
    }
}

/// One client's pushes to its own repository, on one connection.
struct SmallImages {
    private static let type = "application/vnd.docker.distribution.manifest.v2+json"
    private let socket: BenchmarkSocket
    private let repository: String

    init(_ port: Int, client: Int) throws {
        socket = try BenchmarkSocket(port: port)
        repository = "push/client-\(client)-\(UInt32.random(in: 0 ... .max))"
    }

    /// Pushes an image with a new configuration and a new layer of 4 KB on each call.
    func pushNext() -> () throws -> Void {
        var number = 0
        return {
            number += 1
            let configuration = Self.configuration(number)
            let layer = Self.layer()
            try BenchmarkContent.push(configuration, to: repository, socket)
            try BenchmarkContent.push(layer, to: repository, socket)
            try put(Self.manifest(configuration, layer), tag: "v\(number)")
        }
    }

    /// Pushes one image, and sets a new tag for it on each call.
    func tagNext() throws -> () throws -> Void {
        let configuration = Self.configuration(0)
        let layer = Self.layer()
        try BenchmarkContent.push(configuration, to: repository, socket)
        try BenchmarkContent.push(layer, to: repository, socket)
        let manifest = Self.manifest(configuration, layer)
        var number = 0
        return {
            number += 1
            try put(manifest, tag: "v\(number)")
        }
    }

    private func put(_ manifest: [UInt8], tag: String) throws {
        _ = try socket.exchange("PUT", "/v2/\(repository)/manifests/\(tag)", type: Self.type, manifest)
    }

    private static func configuration(_ number: Int) -> [UInt8] {
        let unique = UInt64.random(in: 0 ... .max)
        return Array(#"{"architecture":"amd64","os":"linux","author":"\#(number) \#(unique)"}"#.utf8)
    }

    /// Bytes unknown to any registry.
    private static func layer() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        let words = (0..<512).map { _ in generator.next() }
        return words.withUnsafeBytes { Array($0) }
    }

    private static func manifest(_ configuration: [UInt8], _ layer: [UInt8]) -> [UInt8] {
        let types = [
            "application/vnd.docker.container.image.v1+json", "application/vnd.docker.image.rootfs.diff.tar.gzip",
        ]
        let parts = zip([configuration, layer], types).map { BenchmarkContent.descriptor($0, $1) }
        return Array(#"{"schemaVersion":2,"mediaType":"\#(type)","config":\#(parts[0]),"layers":[\#(parts[1])]}"#.utf8)
    }
}
