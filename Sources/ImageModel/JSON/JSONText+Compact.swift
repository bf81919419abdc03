extension JSONText {
    /// The bytes without white space between tokens, otherwise as written.
    ///
    /// - Parameter escapingHTML: Whether `<`, `>`, `&`, U+2028 and U+2029 are written as `\u003c` and so on, like Go's
    ///   `json.Marshal` does with a `RawMessage`.
    package func compacted(escapingHTML: Bool) -> [UInt8] {
        let source = bytes
        var result: [UInt8] = []
        result.reserveCapacity(source.count)
        var isInString = false
        var position = source.startIndex
        while position < source.endIndex {
            let byte = source[position]
            position += 1
            guard isInString || !byte.isJSONWhitespace else { continue }
            switch byte {
            case UInt8(ascii: "\""): isInString.toggle()
            case UInt8(ascii: "\\"):
                result.append(byte)
                result.append(source[position])
                position += 1
                continue
            case UInt8(ascii: "<") where escapingHTML, UInt8(ascii: ">") where escapingHTML,
                UInt8(ascii: "&") where escapingHTML:
                result.append(contentsOf: "\\u00".utf8)
                result.append(contentsOf: String(lowercaseHexOf: [byte]).utf8)
                continue
            case 0xE2 where escapingHTML && source[position...].startsWithLineSeparatorTail:
                result.append(contentsOf: source[position + 1] == 0xA8 ? "\\u2028".utf8 : "\\u2029".utf8)
                position += 2
                continue
            default: break
            }
            result.append(byte)
        }
        return result
    }
}

extension Collection<UInt8> {
    /// Whether these bytes after 0xE2 form U+2028 or U+2029: line terminators in JavaScript, and therefore escaped by
    /// Go.
    var startsWithLineSeparatorTail: Bool {
        let tail = prefix(2)
        return tail.elementsEqual([0x80, 0xA8]) || tail.elementsEqual([0x80, 0xA9])
    }
}
