/// The content address of a blob: an algorithm and the lowercase hex of its hash.
///
/// Grammar: OCI Image Specification 1.1, "Descriptor", section "Digests".
package struct Digest: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The hash functions a registry must support.
    package enum Algorithm: String, Sendable, CaseIterable {
        case sha256
        case sha512

        /// The length of the hash in lowercase hexadecimal digits.
        package var hexDigitCount: Int {
            switch self {
            case .sha256: 64
            case .sha512: 128
            }
        }
    }

    /// The hash function that made this digest.
    package let algorithm: Algorithm
    /// The hash in lowercase hexadecimal.
    package let hex: String

    /// Parses untrusted text from the network.
    ///
    /// - Throws: ``MalformedDigest`` unless `text` is `sha256:` and 64 lowercase hex digits, or `sha512:` and 128.
    package init(parsing text: some StringProtocol) throws(MalformedDigest) {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")),
            let algorithm = Algorithm(rawValue: String(text[..<colon]))
        else { throw MalformedDigest(text: String(text)) }
        try self.init(algorithm, hex: text[text.utf8.index(after: colon)...])
    }

    /// Parses only the hash, as used in the paths of the storage layout.
    ///
    /// - Throws: ``MalformedDigest`` unless `hex` has the algorithm's number of lowercase hex digits.
    package init(_ algorithm: Algorithm, hex: some StringProtocol) throws(MalformedDigest) {
        guard hex.utf8.count == algorithm.hexDigitCount, Self.isLowercaseHex(hex) else {
            throw MalformedDigest(text: "\(algorithm.rawValue):\(hex)")
        }
        self.algorithm = algorithm
        self.hex = String(hex)
    }

    /// Creates a digest from the raw output of a hash function.
    ///
    /// - Precondition: `hash` has the length of the algorithm's output.
    package init(_ algorithm: Algorithm, hash: some Collection<UInt8>) {
        precondition(hash.count * 2 == algorithm.hexDigitCount, "a hash of the wrong length")
        self.algorithm = algorithm
        self.hex = String(lowercaseHexOf: hash)
    }

    /// Whether all bytes of a text are lowercase hex digits. One pass without a copy: a listing may have a million.
    private static func isLowercaseHex(_ text: some StringProtocol) -> Bool {
        text.utf8.withContiguousStorageIfAvailable(isLowercaseHex)
            ?? Array(text.utf8).withUnsafeBufferPointer(isLowercaseHex)
    }

    private static func isLowercaseHex(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        for index in 0..<bytes.count where !bytes[index].isLowercaseHexDigit { return false }
        return true
    }

    package var description: String { "\(algorithm.rawValue):\(hex)" }

    package static func < (left: Digest, right: Digest) -> Bool {
        (left.algorithm.rawValue, left.hex) < (right.algorithm.rawValue, right.hex)
    }
}

/// The error for text that is not a digest.
package struct MalformedDigest: Error, Equatable, CustomStringConvertible {
    /// The rejected text.
    package let text: String

    package var description: String { "'\(text)' is not a digest" }
}

extension UInt8 {
    /// Whether this byte is one of `0`–`9` and `a`–`f`.
    package var isLowercaseHexDigit: Bool { self &- UInt8(ascii: "0") < 10 || self &- UInt8(ascii: "a") < 6 }
}

extension String {
    /// The bytes in lowercase hexadecimal, two digits each.
    package init(lowercaseHexOf bytes: some Collection<UInt8>) {
        let digits = Array("0123456789abcdef".utf8)
        self.init(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
            var index = 0
            for byte in bytes {
                buffer[index] = digits[Int(byte >> 4)]
                buffer[index + 1] = digits[Int(byte & 15)]
                index += 2
            }
            return index
        }
    }
}
