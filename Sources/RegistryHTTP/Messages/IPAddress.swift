#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// An address of either version of IP, without a port or a zone.
struct IPAddress: Equatable, Sendable, CustomStringConvertible {
    /// The address as it was written; an IPv4 address that was written as IPv6 as what it is.
    let description: String
    /// What whoever has the address has all of: an IPv4 address itself, of IPv6 the /64.
    let network: String

    /// Takes text that is not trusted; nil unless it is an address.
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

    /// An IPv4 client of a socket for both IP versions is told as what it is (RFC 4291, section 2.5.5.2).
    static func unmapped(_ address: String) -> String {
        let prefix = "::ffff:"
        return address.hasPrefix(prefix) && address.contains(".") ? String(address.dropFirst(prefix.count)) : address
    }
}
