#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// An IPv4 or IPv6 address, without a port or a zone.
struct IPAddress: Equatable, Sendable, CustomStringConvertible {
    /// The address as written; an IPv4-mapped IPv6 address in its IPv4 form.
    let description: String
    /// The network that one client controls: the address itself for IPv4, the /64 for IPv6.
    let network: String

    /// Parses untrusted text; nil unless it is an address.
    init?(_ text: String) {
        let plain = Self.unmapped(text)
        var old = in_addr()
        var new = in6_addr()
        if inet_pton(AF_INET, plain, &old) == 1 {
            network = plain
        } else if inet_pton(AF_INET6, plain, &new) == 1 {
            network = withUnsafeBytes(of: new) { bytes in
                bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: ".")
            }
        } else {
            return nil
        }
        description = plain
    }

    /// Converts an IPv4-mapped IPv6 address to IPv4: IPv4 clients of a dual-stack socket (RFC 4291, section 2.5.5.2).
    static func unmapped(_ address: String) -> String {
        let prefix = "::ffff:"
        return address.hasPrefix(prefix) && address.contains(".") ? String(address.dropFirst(prefix.count)) : address
    }
}
