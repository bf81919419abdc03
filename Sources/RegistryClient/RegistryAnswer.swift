import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// An answer of a registry, whose body is still to come.
struct RegistryAnswer: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: HTTPClientResponse.Body
    /// The URL that was asked, to which a relative location belongs.
    let origin: String

    /// The whole body, up to `limit` bytes.
    func collected(upTo limit: Int = 8 << 20) async throws -> ByteBuffer { try await body.collect(upTo: limit) }

    /// The value of a header that is a number.
    func number(_ name: String) -> Int64? { headers.first(name: name).flatMap { Int64($0) } }

    /// The URL in `Location`.
    var location: String? {
        headers.first(name: "Location").map { $0.hasPrefix("/") ? origin + $0 : $0 }
    }
}
