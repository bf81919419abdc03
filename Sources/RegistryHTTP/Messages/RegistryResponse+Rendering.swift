package import HTTPTypes
import NIOCore
import NIOHTTP1

extension RegistryResponse {
    /// Whether a body is sent in response to `method`, even if it is empty.
    func sendsBody(to method: HTTPRequest.Method) -> Bool { method != .head && mayHaveBody }

    /// The status line and header fields on the wire, including framing.
    ///
    /// - Parameter connection: The value of the `Connection` field; nil for none.
    func head(for method: HTTPRequest.Method, connection: String?) -> HTTPResponseHead {
        var fields: [(String, String)] = []
        fields.reserveCapacity(headers.count + 4)
        fields.append(("Server", "longshore"))
        fields.append(("Date", HTTPDate.now.description))
        for field in headers where field.name != .contentLength && field.name != .transferEncoding {
            fields.append((field.name.rawName, field.value))
        }
        if mayHaveBody { fields.append(("Content-Length", contentLength(for: method))) }
        // Old v1 clients expect a length even with a 204; otherwise it is not allowed (RFC 9110, section 8.6).
        if status.code == 204, let length = headers[.contentLength] { fields.append(("Content-Length", length)) }
        if let connection { fields.append(("Connection", connection)) }
        return HTTPResponseHead(
            version: .http1_1,
            status: HTTPResponseStatus(statusCode: status.code, reasonPhrase: status.reasonPhrase),
            headers: HTTPHeaders(fields)
        )
    }

    /// Whether the status allows content, whatever the method: RFC 9110, section 6.4.1.
    private var mayHaveBody: Bool { status.code >= 200 && status.code != 204 && status.code != 304 }

    private func contentLength(for method: HTTPRequest.Method) -> String {
        if method == .head, case .empty = body, let known = headers[.contentLength] { return known }
        return String(body.byteCount)
    }
}

/// Adds fixed header fields to all responses of another responder: `http.headers`.
package struct FixedHeaders: RegistryResponder {
    private let fields: HTTPFields
    private let responder: any RegistryResponder

    /// Adds `fields` to each response of `responder`, after its own fields.
    package init(_ fields: HTTPFields, around responder: any RegistryResponder) {
        self.fields = fields
        self.responder = responder
    }

    package func respond(_ request: RegistryRequest) async -> RegistryResponse {
        var response = await responder.respond(request)
        response.headers.append(contentsOf: fields)
        return response
    }
}
