import NIOHTTP1

/// The `Host` field of a request.
///
/// RFC 9112, section 3.2.
enum HostField {
    /// Whether a request has exactly one well-formed host, possibly empty. HTTP/1.0 may leave it out.
    ///
    /// With two, a proxy and this server might interpret the request differently.
    static func isAcceptable(in head: HTTPRequestHead) -> Bool {
        // HTTP/2 has a pseudo-header instead, which its codec has checked.
        guard head.version.major < 2 else { return true }
        let values = head.headers["host"]
        guard let value = values.first else { return head.version == .http1_0 }
        return values.count == 1 && value.utf8.allSatisfy(isAllowed)
    }

    /// The characters of a host and port: RFC 3986, section 3.2.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~%!$&'()*+,;=:[]".utf8.contains(byte)
        }
    }
}

/// A request has no `Host` field, more than one, or a malformed one.
struct MalformedHost: Error {}
