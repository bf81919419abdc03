import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// A request to a registry.
struct RemoteRequest: Sendable, CustomStringConvertible {
    let method: HTTPMethod
    /// The path with query, or a complete URL from the registry.
    let target: String
    var headers: HTTPHeaders = [:]
    var body: RequestBytes?
    /// The access it needs, in a token server's format: `repository:NAME:pull,push`.
    var scopes: [String] = []

    init(_ method: HTTPMethod, _ target: String, scopes: [String] = []) {
        self.method = method
        self.target = target
        self.scopes = scopes
    }

    /// The form for messages, without the query, which may contain secrets.
    var description: String { "\(method.rawValue) \(target.prefix { $0 != "?" })" }
}

/// The body of a request. It can be sent more than once.
struct RequestBytes: Sendable {
    let make: @Sendable () -> HTTPClientRequest.Body

    /// Bytes in memory.
    static func bytes(_ bytes: ByteBuffer) -> RequestBytes { RequestBytes { .bytes(bytes) } }

    /// Bytes produced on demand.
    static func stream<Bytes: AsyncSequence & Sendable>(_ bytes: Bytes, byteCount: Int64) -> RequestBytes
    where Bytes.Element == ByteBuffer {
        RequestBytes { .stream(bytes, length: .known(byteCount)) }
    }
}
