/// A layer name based on a tarsum, a hash over the files in a tar: `tarsum.v1+sha256:` and hexadecimal digits.
///
/// Docker 1.5 and 1.6 used these names with registry 2.0 to 2.2, which stored the blob's digest beside each.
package struct Tarsum: Hashable, Sendable, CustomStringConvertible {
    /// The version of the algorithm: `v1`; `v0` if the name has none.
    package let version: String
    /// The hash function: `sha256`.
    package let algorithm: String
    /// The hash in hexadecimal.
    package let hex: String
    package let description: String

    /// Parses untrusted text from the network or a file.
    ///
    /// Grammar: distribution 2.0, `TarsumRegexp`.
    package init(parsing text: some StringProtocol) throws(MalformedDigest) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let names = parts[0].split(separator: "+", omittingEmptySubsequences: false)
        guard parts.count == 2, names.count == 2, Self.isHex(parts[1]), Self.isWord(names[1]) else {
            throw MalformedDigest(text: String(text))
        }
        if names[0] == "tarsum" {
            version = "v0"
        } else if names[0].hasPrefix("tarsum."), Self.isWord(names[0].dropFirst("tarsum.".count)) {
            version = String(names[0].dropFirst("tarsum.".count))
        } else {
            throw MalformedDigest(text: String(text))
        }
        algorithm = String(names[1])
        hex = String(parts[1])
        description = String(text)
    }

    private static func isWord(_ text: some StringProtocol) -> Bool {
        (1...16).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
            }
    }

    private static func isHex(_ text: some StringProtocol) -> Bool {
        (1...128).contains(text.utf8.count) && text.utf8.allSatisfy(\.isLowercaseHexDigit)
    }
}
