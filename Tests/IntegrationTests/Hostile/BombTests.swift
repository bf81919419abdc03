import Foundation
import Testing

extension Integration {
    @Suite("layers that are terrible to read", .needs("curl", "gzip", "xz"), .serialized) struct BombTests {
        /// What v1 clients and v2 clients make the server read a layer for.
        private enum Use: CaseIterable {
            /// `GET /v1/images/ID/files` of what came by v1.
            case files
            /// A v1 image for a client of v2.
            case conversion
            /// A v2 image for a client of v1.
            case projection
        }

        @Test(
            "keep nobody else waiting, take little memory, and do not keep the server from ending",
            arguments: BombLayer.allCases
        )
        func bombs(kind: BombLayer) async throws {
            try await expectServiceBeside("\(kind)") { server, directory in
                let clients = AttackClients()
                for number in 0..<(Requirement.isFull ? 4 : 2) {
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

        /// Pushes a layer, and returns what to ask curl for.
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
