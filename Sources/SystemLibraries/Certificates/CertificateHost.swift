internal import COpenSSL

/// A name under which clients reach a server: a DNS name, possibly with `*` as its first label, or an IP address.
package struct CertificateHost: Hashable, Sendable, CustomStringConvertible {
    /// The name as written.
    package let description: String

    private let isAddress: Bool

    /// Returns nil unless `text` is a name or an address.
    package init?(_ text: String) {
        if let address = a2i_IPADDRESS(text) {
            ASN1_OCTET_STRING_free(address)
            isAddress = true
        } else {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            let isName = parts.enumerated().allSatisfy { index, part in
                index == 0 && part == "*" && parts.count > 1 || Self.isLabel(part)
            }
            // A common name has at most 64 characters: RFC 5280, appendix A.1.
            guard isName, text.utf8.count <= 64 else { return nil }
            isAddress = false
        }
        description = text
    }

    /// The form used in the certificate's subject alternative names.
    var alternativeName: String { (isAddress ? "IP:" : "DNS:") + description }

    private static func isLabel(_ part: Substring) -> Bool {
        !part.isEmpty && part.first != "-" && part.last != "-"
            && part.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
