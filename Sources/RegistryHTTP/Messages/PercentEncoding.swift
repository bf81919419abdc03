extension String {
    /// Decodes the percent escapes of `text`, once.
    ///
    /// Malformed escapes (`%`, `%zz`) stay as they are, and bytes that are not UTF-8 are replaced with U+FFFD: the
    /// grammars of names refuse both later, with a better error.
    package init(percentDecoding text: some StringProtocol) {
        guard text.utf8.contains(UInt8(ascii: "%")) else {
            self = String(text)
            return
        }
        let encoded = Array(text.utf8)
        var decoded: [UInt8] = []
        decoded.reserveCapacity(encoded.count)
        var index = 0
        while index < encoded.count {
            if encoded[index] == UInt8(ascii: "%"), index + 2 < encoded.count,
                let high = encoded[index + 1].hexadecimalValue, let low = encoded[index + 2].hexadecimalValue
            {
                decoded.append(high << 4 | low)
                index += 3
            } else {
                decoded.append(encoded[index])
                index += 1
            }
        }
        self = String(decoding: decoded, as: UTF8.self)
    }
}

extension String {
    /// Encodes `text` as a value in a query. RFC 3986's unreserved characters and slashes are kept.
    package init(percentEncoding text: some StringProtocol) {
        let digits = Array("0123456789ABCDEF".utf8)
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: "/"):
                encoded.append(byte)
            default: encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        self = String(decoding: encoded, as: UTF8.self)
    }
}

extension UInt8 {
    fileprivate var hexadecimalValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
