extension String {
    /// Decodes the content of a JSON string whose syntax has been checked.
    ///
    /// As in Go, every byte that is not part of valid UTF-8, and every lone surrogate, becomes U+FFFD.
    init(unquotingJSON content: ArraySlice<UInt8>) {
        var result: [UInt8] = []
        result.reserveCapacity(content.count)
        var rest = content
        while let byte = rest.first {
            if byte == UInt8(ascii: "\\") {
                result.append(contentsOf: Self.unescape(&rest).utf8)
            } else if byte < 0x80 {
                result.append(byte)
                rest.removeFirst()
            } else if let length = rest.validUTF8SequenceLength {
                result.append(contentsOf: rest.prefix(length))
                rest.removeFirst(length)
            } else {
                result.append(contentsOf: "\u{FFFD}".utf8)
                rest.removeFirst()
            }
        }
        self.init(decoding: result, as: UTF8.self)
    }

    /// Removes one escape, or both of a surrogate pair, from the front.
    private static func unescape(_ rest: inout ArraySlice<UInt8>) -> Character {
        if let unit = rest.escapedCodeUnit {
            rest.removeFirst(6)
            guard let low = rest.escapedCodeUnit, (0xD800..<0xDC00).contains(unit), (0xDC00..<0xE000).contains(low)
            else { return Character(Unicode.Scalar(unit) ?? "\u{FFFD}") }
            rest.removeFirst(6)
            let scalar = 0x10000 + (UInt32(unit - 0xD800) << 10) + UInt32(low - 0xDC00)
            return Character(Unicode.Scalar(scalar) ?? "\u{FFFD}")
        }
        let letter = rest[rest.startIndex + 1]
        rest.removeFirst(2)
        switch letter {
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        default: return Character(Unicode.Scalar(letter))
        }
    }
}

extension ArraySlice<UInt8> {
    /// The code unit of the `\uXXXX` escape at the start, if any.
    fileprivate var escapedCodeUnit: UInt16? {
        guard starts(with: "\\u".utf8) else { return nil }
        return dropFirst(2).prefix(4).reduce(0) { $0 << 4 | ($1.hexDigitValue ?? 0) }
    }

    /// The length of the valid UTF-8 sequence of two to four bytes at the start, if any.
    ///
    /// The Unicode Standard, table 3-7.
    fileprivate var validUTF8SequenceLength: Int? {
        guard let lead = first, let second = dropFirst().first else { return nil }
        let (length, seconds): (Int, ClosedRange<UInt8>)
        switch lead {
        case 0xC2...0xDF: (length, seconds) = (2, 0x80...0xBF)
        case 0xE0: (length, seconds) = (3, 0xA0...0xBF)
        case 0xED: (length, seconds) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, seconds) = (3, 0x80...0xBF)
        case 0xF0: (length, seconds) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, seconds) = (4, 0x80...0xBF)
        case 0xF4: (length, seconds) = (4, 0x80...0x8F)
        default: return nil
        }
        let tail = dropFirst(2).prefix(length - 2)
        guard seconds.contains(second), tail.count == length - 2, tail.allSatisfy({ (0x80...0xBF).contains($0) })
        else { return nil }
        return length
    }
}
