import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// A request to a registry.
struct RemoteRequest: Sendable, CustomStringConvertible {
    let method: HTTPMethod
    /// The path with the query, or a whole URL that the registry gave.
    let target: String
    var headers: HTTPHeaders = [:]
    var body: RequestBytes?
    /// What the request needs access to, as a token server calls it: `repository:NAME:pull,push`.
    var scopes: [String] = []

    init(_ method: HTTPMethod, _ target: String, scopes: [String] = []) {
        self.method = method
        self.target = target
        self.scopes = scopes
    }

    /// As it is named in messages: without what a query may hold.
    var description: String { "\(method.rawValue) \(target.prefix { $0 != "?" })" }
}

/// The body of a request, which can be sent more than once.
struct RequestBytes: Sendable {
    let make: @Sendable () -> HTTPClientRequest.Body

    /// Bytes that are at hand.
    static func bytes(_ bytes: ByteBuffer) -> RequestBytes { RequestBytes { .bytes(bytes) } }

    /// Bytes that come as they are asked for.
    static func stream<Bytes: AsyncSequence & Sendable>(_ bytes: Bytes, byteCount: Int64) -> RequestBytes
    where Bytes.Element == ByteBuffer {
        RequestBytes { .stream(bytes, length: .known(byteCount)) }
    }
}
