import HTTPTypes
import NIOCore

/// Answers those who do not encrypt where they should.
struct PlainRequestRefusal: RegistryResponder {
    /// Whether they are told where to go.
    let redirects: Bool

    func answer(_ request: RegistryRequest) async -> HTTPAnswer {
        guard redirects, let host = request.host else {
            let sentence = "This server is to be reached by https, and was sent a request by http.\n"
            return HTTPAnswer(
                .badRequest,
                headers: [.contentType: "text/plain; charset=utf-8"],
                body: .bytes(ByteBuffer(string: sentence))
            )
        }
        let isRead = request.method == .get || request.method == .head
        // Clients from before 308 make a GET of what they are sent elsewhere with 301.
        let status: HTTPResponse.Status = isRead ? .movedPermanently : .permanentRedirect
        return HTTPAnswer(status, headers: [.location: "https://\(host)\(request.path)\(Self.query(of: request))"])
    }

    private static func query(of request: RegistryRequest) -> Substring {
        request.target.firstIndex(of: "?").map { request.target[$0...] } ?? ""
    }
}
