import AsyncHTTPClient
import Foundation
import ImageModel
import NIOCore
import NIOHTTP1

/// A running registry, with credentials.
struct OtherRegistry: Sendable {
    /// Scheme, host and port.
    private let origin: String
    /// The path prefix: empty, or without a trailing slash.
    private let prefix: String
    /// The value of `Authorization` with user and password.
    private let basic: String?

    /// Parses `http(s)://[USER:PASSWORD@]HOST[:PORT][/PREFIX]`.
    init?(_ text: String) {
        guard let components = URLComponents(string: text), let scheme = components.scheme,
            ["http", "https"].contains(scheme), let host = components.host, !host.isEmpty
        else { return nil }
        origin = "\(scheme)://\(host)" + (components.port.map { ":\($0)" } ?? "")
        prefix = components.path.hasSuffix("/") ? String(components.path.dropLast()) : components.path
        basic = components.user.map { user in
            "Basic " + Data("\(user):\(components.password ?? "")".utf8).base64EncodedString()
        }
    }

    /// Sends a request, and repeats it with a token if the registry asks for one.
    ///
    /// - Parameter target: A path that begins with `/v2`, or the value of a `Location` or `Link` header.
    func send(
        _ method: String,
        _ target: String,
        _ headers: [(String, String)],
        _ body: [UInt8]?
    ) async throws -> TestAnswer {
        let url = address(of: target)
        var headers = headers
        let isManifest = ["GET", "HEAD"].contains(method) && target.contains("/manifests/")
        // A client lists the manifest types it accepts; without that, a registry may respond with 404.
        if isManifest, !headers.contains(where: { $0.0.lowercased() == "accept" }) {
            headers.append(("Accept", Self.manifestTypes))
        }
        let answer = try await exchange(method, url, headers, body, basic)
        guard answer.status == 401, let challenge = answer["www-authenticate"],
            let token = try await token(for: challenge)
        else { return answer }
        return try await exchange(method, url, headers, body, "Bearer \(token)")
    }

    private static let manifestTypes = [
        TestManifest.ociManifest, TestManifest.ociIndex, MediaType.schema2.description,
        MediaType.manifestList.description,
    ].joined(separator: ", ")

    /// Blobs may be redirected, and `/v2` to `/v2/`; every other response must come from the registry itself.
    private static let withoutRedirects = HTTPClient(
        eventLoopGroupProvider: .singleton,
        configuration: HTTPClient.Configuration(redirectConfiguration: .disallow)
    )

    private func address(of target: String) -> String {
        if !target.hasPrefix("/") { return target }
        return target.hasPrefix("\(prefix)/v2") ? origin + target : origin + prefix + target
    }

    private func exchange(
        _ method: String,
        _ url: String,
        _ headers: [(String, String)],
        _ body: [UInt8]?,
        _ authorization: String?
    ) async throws -> TestAnswer {
        var request = HTTPClientRequest(url: url)
        request.method = HTTPMethod(rawValue: method)
        request.headers = HTTPHeaders(headers)
        if let authorization, url.hasPrefix(origin) { request.headers.add(name: "Authorization", value: authorization) }
        if body != nil || ["POST", "PUT", "PATCH"].contains(method) {
            request.body = .bytes(ByteBuffer(bytes: body ?? []))
        }
        let mayBeElsewhere = method == "GET" && (url.contains("/blobs/") || url.hasSuffix("/v2"))
        let client = mayBeElsewhere ? HTTPClient.shared : Self.withoutRedirects
        let response = try await client.execute(request, timeout: .seconds(60))
        return TestAnswer(
            status: Int(response.status.code),
            headers: response.headers.map { ($0.name.lowercased(), $0.value) },
            body: Array(buffer: try await response.body.collect(upTo: 64 << 20))
        )
    }

    /// A token from the service in the challenge: Docker Registry v2, "Token Authentication". Nil for other challenges.
    private func token(for challenge: String) async throws -> String? {
        guard challenge.lowercased().hasPrefix("bearer ") else { return nil }
        let parameters = challenge.matches(of: /([a-z]+)="([^"]*)"/).map { (String($0.1), String($0.2)) }
        guard let realm = parameters.first(where: { $0.0 == "realm" })?.1, var url = URLComponents(string: realm) else {
            return nil
        }
        url.queryItems =
            (url.queryItems ?? [])
            + parameters.filter { ["service", "scope"].contains($0.0) }.map { URLQueryItem(name: $0.0, value: $0.1) }
        var request = HTTPClientRequest(url: url.string ?? realm)
        if let basic { request.headers.add(name: "Authorization", value: basic) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        let document = try JSONValue(parsing: try await response.body.collect(upTo: 1 << 20).readableBytesView)
        return (document["token"] ?? document["access_token"])?.string
    }
}
