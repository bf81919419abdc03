import HTTPTypes
import ImageModel
import NIOCore
import RegistryCore

/// The sets of headers that docker-registry 0.9.1 puts on its responses.
enum V1Headers {
    /// Of what may change: Python's JSON, never cached.
    static func uncached() -> HTTPFields {
        var headers = ofEveryAnswer
        headers[.contentType] = MediaType.json.description
        headers[.cacheControl] = "no-cache"
        headers[.pragma] = "no-cache"
        headers[.expires] = "-1"
        return headers
    }

    /// Of what never changes: images.
    static func cached(_ contentType: MediaType) -> HTTPFields {
        var headers = notModified()
        headers[.lastModified] = "Thu, 01 Jan 1970 00:00:00 GMT"
        headers[.contentType] = contentType.description
        return headers
    }

    /// Of a response to a client that has the image already.
    static func notModified() -> HTTPFields {
        var headers = ofEveryAnswer
        headers[.cacheControl] = "public, max-age=31536000"
        headers[.expires] = HTTPDate(secondsSince1970: HTTPDate.now.secondsSince1970 + 31_536_000).description
        return headers
    }

    /// Of a response about a repository: where its images are, and what lets the client have them.
    ///
    /// The token is sent whether it was asked for or not; without users it lets nobody in who is not in already.
    ///
    /// - Parameters:
    ///   - signature: What tells who the client is; nil for a text that means nothing.
    ///   - endpoint: The host and port that the images are at.
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

    /// Of every response, pages of HTML included: Docker up to 0.9 talks to nobody else.
    static var ofEveryAnswer: HTTPFields { [.registryVersion: "0.9.1"] }
}

extension RegistryResponse {
    /// A response of v1 with JSON as Python's `json.dumps(sort_keys=True)` writes it.
    init(v1Status status: Int, json: JSONValue, headers: HTTPFields = V1Headers.uncached()) {
        self.init(.init(code: status), headers: headers, body: .bytes(ByteBuffer(bytes: json.pythonEncoded())))
    }

    /// A response of v1 without a body.
    init(v1Empty headers: HTTPFields) {
        self.init(.noContent, headers: headers)
        self.headers[.contentLength] = "0"
    }

    /// A response of v1 with a stored document, byte for byte.
    init(v1Document document: ByteBuffer, headers: HTTPFields) {
        self.init(.ok, headers: headers, body: .bytes(document))
    }
}

extension HTTPField.Name {
    static let pragma = known("Pragma")
}
