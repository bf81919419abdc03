package import HTTPTypes
package import NIOCore
package import Storage

/// A handler's response to a request, rendered by the server in one place.
///
/// The server adds `Content-Length` (always exact), `Date`, `Server` and `Connection`. The response to HEAD is that to
/// GET with the body's length but without the body. A 204 or 304 has no body, whatever ``body`` contains.
package struct RegistryResponse: Sendable {
    /// The bytes after the headers.
    package enum Body: Sendable {
        /// No body. In a response to HEAD, a `Content-Length` in ``RegistryResponse/headers`` is kept.
        case empty
        /// Bytes in memory.
        case bytes(ByteBuffer)
        /// A part of an open object, which must not reach past its end. Empty for an empty object. If the reader has a
        /// file descriptor and the connection is not encrypted, the kernel sends it.
        case object(any ObjectReader, range: Range<Int64>)

        /// Several parts of an open object, none of which may reach past its end, with their framing.
        case parts(any ObjectReader, MultipartRanges)

        /// The size of the body.
        package var byteCount: Int64 {
            switch self {
            case .empty: 0
            case .bytes(let buffer): Int64(buffer.readableBytes)
            case .object(_, let range): Int64(range.count)
            case .parts(_, let parts): parts.byteCount
            }
        }
    }

    /// The status code and reason phrase.
    package var status: HTTPResponse.Status
    /// The header fields, except for those that the server adds.
    package var headers: HTTPFields
    /// The content after the headers.
    package var body: Body

    package init(_ status: HTTPResponse.Status, headers: HTTPFields = [:], body: Body = .empty) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
