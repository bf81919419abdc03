import NIOHTTP1

/// The `Host` field of a request: which host it is for.
///
/// RFC 9112, section 3.2.
enum HostField {
    /// Whether a request says its host as it must: once, as a host and a port, or as nothing. HTTP/1.0 may leave it out.
    ///
    /// Two would let a proxy and this server take the request for two different ones.
    static func isAcceptable(in head: HTTPRequestHead) -> Bool {
        // HTTP/2 says it otherwise, and its codec has looked at that.
        guard head.version.major < 2 else { return true }
        let values = head.headers["host"]
        guard let value = values.first else { return head.version == .http1_0 }
        return values.count == 1 && value.utf8.allSatisfy(isAllowed)
    }

    /// RFC 3986, section 3.2: what a host and a port are made of.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~%!$&'()*+,;=:[]".utf8.contains(byte)
        }
    }
}

/// A request does not say which host it is for, or says it more than once.
struct MalformedHost: Error {}
