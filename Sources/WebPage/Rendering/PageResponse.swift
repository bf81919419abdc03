import HTTPTypes
import NIOCore
import RegistryHTTP

/// Responses with the headers that keep a page to itself.
enum PageResponse {
    /// A page. Browsers load nothing for it but our stylesheet and icon, and show it in no frame.
    ///
    /// - Parameter isPlain: Whether it depends on nobody's session.
    static func html(_ text: String, _ status: HTTPResponse.Status = .ok, isPlain: Bool = false) -> RegistryResponse {
        var response = RegistryResponse(status, body: .bytes(ByteBuffer(string: text)))
        response.headers[.contentType] = "text/html; charset=utf-8"
        response.headers[.cacheControl] = isPlain ? "no-cache" : "no-store"
        response.headers[.contentSecurityPolicy] =
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; "
            + "base-uri 'none'"
        protect(&response)
        return response
    }

    /// A part of every page.
    static func asset(_ text: String, type: String) -> RegistryResponse {
        var response = RegistryResponse(.ok, body: .bytes(ByteBuffer(string: text)))
        response.headers[.contentType] = type
        response.headers[.cacheControl] = "public, max-age=3600"
        response.headers[.contentSecurityPolicy] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
        protect(&response)
        return response
    }

    /// A document as it is stored, which browsers show as text.
    static func document(_ bytes: ByteBuffer) -> RegistryResponse {
        var response = RegistryResponse(.ok, body: .bytes(bytes))
        response.headers[.contentType] = "text/plain; charset=utf-8"
        response.headers[.cacheControl] = "no-store"
        response.headers[.contentSecurityPolicy] = "default-src 'none'; sandbox; frame-ancestors 'none'"
        protect(&response)
        return response
    }

    /// Sends the browser to a page of this server, by GET.
    static func redirect(to path: String) -> RegistryResponse {
        var response = RegistryResponse(.seeOther)
        response.headers[.location] = path
        response.headers[.cacheControl] = "no-store"
        protect(&response)
        return response
    }

    private static func protect(_ response: inout RegistryResponse) {
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.pageReferrerPolicy] = "same-origin"
        response.headers[.pageOpenerPolicy] = "same-origin"
        response.headers[.pageResourcePolicy] = "same-origin"
    }
}

extension HTTPField.Name {
    fileprivate static let pageReferrerPolicy = Self("Referrer-Policy") ?? .server
    fileprivate static let pageOpenerPolicy = Self("Cross-Origin-Opener-Policy") ?? .server
    fileprivate static let pageResourcePolicy = Self("Cross-Origin-Resource-Policy") ?? .server
}
