import Foundation
import Testing

extension Integration {
    @Suite("layers that are terrible to read", .needs("curl", "gzip", "xz"), .serialized) struct BombTests {
        /// The requests of v1 and v2 clients that make the server read a layer.
        private enum Use: CaseIterable {
            /// `GET /v1/images/ID/files` of an image pushed through v1.
            case files
            /// A v1 image for a v2 client.
            case conversion
            /// A v2 image for a v1 client.
            case projection
        }

        @Test(
            "keep no other client waiting, take little memory, and do not delay the server's shutdown",
            arguments: BombLayer.allCases
        )
        func bombs(kind: BombLayer) async throws {
            try await expectServiceBeside("\(kind)") { server, directory in
                let clients = AttackClients()
                for number in 0..<(Requirement.isFull ? 4 : 1) {
                    let layer = try directory.write(try await kind.bytes(number), to: "layer\(number)")
                    for use in Use.allCases where use != .projection || kind == .zstd || kind == .gzip {
                        for request in try await push(layer, "\(kind)/\(use)\(number)", for: use, to: server) {
                            try clients.request(request)
                        }
                    }
                }
                return clients
            }
        }

        /// Pushes a layer, and returns the curl arguments of the request.
        private func push(
            _ layer: String,
            _ name: String,
            for use: Use,
            to server: LongshoreProcess
        ) async throws -> [[String]] {
            switch use {
            case .files, .conversion:
                let id = try await V1Push(name.lowercased(), to: server).run(layer: layer)
                if use == .files { return [[server.url("/v1/images/\(id)/files")]] }
                return [[server.url("/v2/\(name.lowercased())/manifests/latest")] + Curl.acceptsManifests]
            case .projection:
                let id = try await V2Push(name.lowercased(), to: server).run(layer: layer)
                return [[server.url("/v1/images/\(id)/layer")]]
            }
        }
    }
}
