package import HTTPTypes
package import NIOCore
package import Storage

/// What a handler answers to a request: the server renders it, in one place.
///
/// The server adds `Content-Length` (always exact), `Date`, `Server` and `Connection`. The response to a HEAD is the
/// answer to the GET: its body is not sent, its length is. A 204 or 304 has no body, whatever ``body`` says.
package struct RegistryResponse: Sendable {
    /// The bytes after the headers.
    package enum Body: Sendable {
        /// None. In a response to HEAD, a `Content-Length` among ``RegistryResponse/headers`` is kept.
        case empty
        /// Bytes in memory.
        case bytes(ByteBuffer)
        /// A part of an open object, which must not reach past its end. Empty for an empty object.
        /// Where the reader has a file descriptor and the connection is not encrypted, the kernel sends it.
        case object(any ObjectReader, range: Range<Int64>)

        /// Several parts of an open object, none of which may reach past its end, with what stands between them.
        case parts(any ObjectReader, MultipartRanges)

        /// How many bytes it is.
        package var byteCount: Int64 {
            switch self {
            case .empty: 0
            case .bytes(let buffer): Int64(buffer.readableBytes)
            case .object(_, let range): Int64(range.count)
            case .parts(_, let parts): parts.byteCount
            }
        }
    }

    /// The status line's code and phrase.
    package var status: HTTPResponse.Status
    /// The header fields, without those that the server adds.
    package var headers: HTTPFields
    /// What follows them.
    package var body: Body

    package init(_ status: HTTPResponse.Status, headers: HTTPFields = [:], body: Body = .empty) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
