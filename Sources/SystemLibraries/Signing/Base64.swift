internal import COpenSSL

/// Base64 as used in HTTP and htpasswd files: RFC 4648, section 4.
package enum Base64 {
    /// Decodes a text; returns nil if it is not base64. Padding is optional.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? { decode(Array(text.utf8)) }

    /// Encodes bytes, with padding.
    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        String(decoding: encoded(bytes), as: UTF8.self)
    }

    fileprivate static func encoded(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let input = Array(bytes)
        // A zero byte is written after the text.
        return [UInt8](unsafeUninitializedCapacity: (input.count + 2) / 3 * 4 + 1) { buffer, count in
            count = Int(EVP_EncodeBlock(buffer.baseAddress, input, Int32(input.count)))
        }
    }

    fileprivate static func decode(_ text: [UInt8]) -> [UInt8]? {
        let padding = text.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        let missing = -(text.count - padding) & 3
        guard missing != 3, padding == 0 || padding == missing else { return nil }
        let input = Array(text.dropLast(padding)) + Array(repeating: UInt8(ascii: "="), count: missing)
        guard !input.isEmpty else { return [] }
        let bytes = [UInt8](unsafeUninitializedCapacity: input.count / 4 * 3) { buffer, count in
            // The count includes the bytes that stand for padding.
            count = max(0, Int(EVP_DecodeBlock(buffer.baseAddress, input, Int32(input.count))) - missing)
        }
        // libcrypto ignores surrounding white space and excess bits. Accepting two texts for the same bytes would let a
        // signed text change and remain valid.
        return encoded(bytes) == input ? bytes : nil
    }
}

/// Base64 with the URL-safe alphabet, without padding.
///
/// RFC 4648, section 5; RFC 7515, section 2.
package enum Base64URL {
    /// Encodes bytes.
    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        let text = Base64.encoded(bytes).prefix { $0 != UInt8(ascii: "=") }
        return String(decoding: text.map { exchange($0, "+", "-", "/", "_") }, as: UTF8.self)
    }

    /// Decodes a text; returns nil if it is not base64url.
    ///
    /// Complete padding is accepted, because old tools wrote it.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        guard !text.utf8.contains(where: { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "/") }) else { return nil }
        return Base64.decode(text.utf8.map { exchange($0, "-", "+", "_", "/") })
    }

    private static func exchange(
        _ character: UInt8,
        _ first: Unicode.Scalar,
        _ firstOther: Unicode.Scalar,
        _ second: Unicode.Scalar,
        _ secondOther: Unicode.Scalar
    ) -> UInt8 {
        switch character {
        case UInt8(ascii: first): UInt8(ascii: firstOther)
        case UInt8(ascii: second): UInt8(ascii: secondOther)
        default: character
        }
    }
}
