import Foundation
package import ImageModel
package import NIOCore
import NIOHTTP1
import Synchronization

/// A client for the v1 API, covering what a migration needs.
///
/// Observed: docker-registry 0.9.1. A registry behind an index gives a token for each repository, which its images need
/// too.
package final class V1Client: Sendable {
    private let connection: RegistryConnection
    /// The tokens received, latest last.
    private let tokens = Mutex<[String]>([])
    /// More repositories than any registry has.
    private static let nameLimit = 10_000_000

    /// Creates a client for the registry at `address`. Each request carries a token or the user's credentials, if any.
    package init(_ address: RegistryAddress, _ transport: RegistryTransport) {
        self.connection = RegistryConnection(address, transport, usesBasicAlways: true)
    }

    /// Checks that there is a v1 registry.
    ///
    /// - Throws: ``RegistryFailure/speaksNoV1(origin:)`` if there is none.
    package func ping() async throws {
        let request = RemoteRequest(.GET, "/v1/_ping")
        let response = try await connection.send(request, patience: .seconds(3)) { $0 == 200 || $0 == 404 }
        guard response.status == 200 else {
            throw RegistryFailure.speaksNoV1(origin: connection.address.origin)
        }
    }

    /// The names of all repositories from search: `namespace/name`.
    package func search() async throws -> [String] {
        var names: [String] = []
        var known: Set<String> = []
        var page: Int64 = 1
        while true {
            let suffix = page == 1 ? "" : "&page=\(page)"
            let response = try await connection.send(RemoteRequest(.GET, "/v1/search?q=\(suffix)")) { $0 == 200 }
            let document = try await Self.json(response, "the search")
            guard let results = document["results"]?.array else {
                throw RegistryFailure.malformedResponse(what: "the search")
            }
            let new = results.compactMap { $0["name"]?.string }.filter { known.insert($0).inserted }
            names += new
            guard names.count <= Self.nameLimit else { throw RegistryFailure.malformedResponse(what: "the search") }
            // Stops at a registry with endless or repeating pages.
            guard let pages = document["num_pages"]?.integer, page < pages, !new.isEmpty else { return names }
            page += 1
        }
    }

    /// The tags of a repository with their image ids; nil if there is no such repository.
    ///
    /// - Parameter repository: The name as quoted in a path: `library/centos`, `a/b%2Fc`.
    package func tags(in repository: String) async throws -> [String: String]? {
        try await fetchToken(for: repository)
        guard let response = try await get("/v1/repositories/\(repository)/tags") else { return nil }
        let document = try await Self.json(response, "the list of tags of \(repository)")
        guard let members = document.object else {
            throw RegistryFailure.malformedResponse(what: "the list of tags of \(repository)")
        }
        return Dictionary(members.map { ($0.key, $0.value.string ?? "") }) { _, last in last }
    }

    /// The push record of a tag; nil if there is none.
    package func tagRecord(_ tag: String, in repository: String) async throws -> ByteBuffer? {
        try await get("/v1/repositories/\(repository)/tags/\(Self.quoted(tag))/json")?.collected()
    }

    /// An image's JSON and the layer's metadata from the headers; nil if there is no such image.
    package func image(_ id: V1ImageID) async throws -> RemoteImage? {
        let request = RemoteRequest(.GET, "/v1/images/\(id)/json")
        let response = try await authorised(request) { [200, 400, 404].contains($0) }
        switch response.status {
        case 404: return nil
        // Observed: 0.9.1 returns 400 for every request about an image being pushed.
        case 400: return RemoteImage(json: ByteBuffer(), byteCount: nil, checksums: [], isInProgress: true)
        default: break
        }
        // Observed: 0.9.1 sends one header per `_checksum` entry; a proxy may have combined them into a list.
        let checksums = ["X-Docker-Checksum-Payload", "X-Docker-Payload-Checksum", "X-Docker-Checksum"].flatMap {
            name in
            response.headers[canonicalForm: name].map(String.init)
        }
        return RemoteImage(
            json: try await response.collected(),
            // A negative size is ignored: the size is then determined by fetching.
            byteCount: response.number("X-Docker-Size").flatMap { $0 >= 0 ? $0 : nil },
            checksums: checksums,
            isInProgress: false
        )
    }

    /// An image's ancestry, byte for byte; nil if there is none.
    package func ancestry(of id: V1ImageID) async throws -> ByteBuffer? {
        try await get("/v1/images/\(id)/ancestry")?.collected()
    }

    /// The bytes of a layer from `offset`, or from the beginning if the registry cannot resume.
    ///
    /// - Returns: Nil if there is no layer.
    package func layer(of id: V1ImageID, from offset: Int64) async throws -> ServedLayer? {
        var request = RemoteRequest(.GET, "/v1/images/\(id)/layer")
        if offset > 0 { request.headers.add(name: "Range", value: "bytes=\(offset)-") }
        let response = try await authorised(request) { [200, 206, 404, 416].contains($0) }
        switch response.status {
        case 404: return nil
        case 416: return ServedLayer(offset: offset, remaining: 0, nil)
        case 206: return ServedLayer(offset: offset, remaining: response.number("Content-Length"), response)
        default: return ServedLayer(offset: 0, remaining: response.number("Content-Length"), response)
        }
    }

    /// Whether an image has a layer, without fetching it.
    package func hasLayer(_ id: V1ImageID) async throws -> Bool {
        let request = RemoteRequest(.HEAD, "/v1/images/\(id)/layer")
        // An error does not mean that there is none: the registry may not support the request.
        return try await authorised(request) { $0 < 500 && ![401, 403, 429].contains($0) }.status != 404
    }

    private func get(_ target: String) async throws -> RemoteResponse? {
        let response = try await authorised(RemoteRequest(.GET, target)) { $0 == 200 || $0 == 404 }
        return response.status == 404 ? nil : response
    }

    /// Sends a request as the user; if that is refused, with each token received so far.
    private func authorised(_ request: RemoteRequest, _ isAccepted: (Int) -> Bool) async throws -> RemoteResponse {
        do {
            return try await connection.send(request, accepting: isAccepted)
        } catch let refusal as RegistryFailure {
            guard case .unauthorised = refusal else { throw refusal }
            for token in tokens.withLock({ $0.reversed() }) {
                var request = request
                request.headers.replaceOrAdd(name: "Authorization", value: token)
                let response = try await connection.sendOnce(request) { isAccepted($0) || $0 == 401 }
                if response.status != 401 { return response }
            }
            throw refusal
        }
    }

    private func fetchToken(for repository: String) async throws {
        var request = RemoteRequest(.GET, "/v1/repositories/\(repository)/images")
        request.headers.add(name: "X-Docker-Token", value: "true")
        let response = try await connection.send(request) { $0 == 200 || $0 == 404 }
        guard let token = response.headers.first(name: "X-Docker-Token") else { return }
        let value = token.hasPrefix("Token ") ? token : "Token \(token)"
        tokens.withLock { tokens in
            tokens.removeAll { $0 == value }
            tokens.append(value)
        }
    }

    private static func json(_ response: RemoteResponse, _ what: String) async throws -> JSONValue {
        let bytes = try await response.collected(upTo: 64 << 20)
        do { return try JSONValue(parsing: bytes.readableBytesView) } catch {
            throw RegistryFailure.malformedResponse(what: what)
        }
    }

    private static func quoted(_ text: String) -> String {
        let unreserved = CharacterSet(
            charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
        )
        return text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? text
    }
}
