import HTTPTypes
import ImageModel
import NIOCore
import RegistryCore

/// The headers of docker-registry 0.9.1's responses.
enum V1Headers {
    /// For content that may change: JSON, never cached.
    static func uncached() -> HTTPFields {
        var headers = ofEveryAnswer
        headers[.contentType] = MediaType.json.description
        headers[.cacheControl] = "no-cache"
        headers[.pragma] = "no-cache"
        headers[.expires] = "-1"
        return headers
    }

    /// For content that never changes: images.
    static func cached(_ contentType: MediaType) -> HTTPFields {
        var headers = notModified()
        headers[.lastModified] = "Thu, 01 Jan 1970 00:00:00 GMT"
        headers[.contentType] = contentType.description
        return headers
    }

    /// For a response to a client that already has the image.
    static func notModified() -> HTTPFields {
        var headers = ofEveryAnswer
        headers[.cacheControl] = "public, max-age=31536000"
        headers[.expires] = HTTPDate(secondsSince1970: HTTPDate.now.secondsSince1970 + 31_536_000).description
        return headers
    }

    /// For a response about a repository: the hosts of its images, and a token for them.
    ///
    /// The token is sent even unrequested, as by docker-registry; without access control it has no effect.
    ///
    /// - Parameters:
    ///   - signature: The signed token; nil for a meaningless random text.
    ///   - endpoint: The host and port that serve the images.
    static func token(
        _ name: V1RepositoryName,
        access: String,
        signature: String?,
        endpoint: String?
    ) -> HTTPFields {
        var headers = uncached()
        let signature =
            signature ?? String((0..<16).map { _ in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".randomElement() ?? "A" })
        let token = "Token signature=\(signature),repository=\"\(name.quoted)\",access=\(access)"
        headers[.wwwAuthenticate] = token
        headers[.dockerToken] = token
        headers[.endpoints] = endpoint
        return headers
    }

    /// For every response, even HTML pages: Docker up to 0.9 requires this header.
    static var ofEveryAnswer: HTTPFields { [.registryVersion: "0.9.1"] }
}

extension RegistryResponse {
    /// A v1 response with JSON, formatted like Python's `json.dumps(sort_keys=True)`.
    init(v1Status status: Int, json: JSONValue, headers: HTTPFields = V1Headers.uncached()) {
        self.init(.init(code: status), headers: headers, body: .bytes(ByteBuffer(bytes: json.pythonEncoded())))
    }

    /// A v1 response without a body.
    init(v1Empty headers: HTTPFields) {
        self.init(.noContent, headers: headers)
        self.headers[.contentLength] = "0"
    }

    /// A v1 response with a stored document, byte for byte.
    init(v1Document document: ByteBuffer, headers: HTTPFields) {
        self.init(.ok, headers: headers, body: .bytes(document))
    }
}

extension HTTPField.Name {
    static let pragma = known("Pragma")
}
