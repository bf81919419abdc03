/// Reads a JSON document piece by piece, in one pass and without recursion.
///
/// RFC 8259, as strict as Go's `encoding/json`: it accepts invalid UTF-8 and lone surrogates in strings.
struct JSONReader {
    enum Piece {
        /// An object or array begins.
        case opening(JSONToken.Kind, at: Int)
        /// The innermost object or array ends before this offset.
        case closing(end: Int)
        /// A key, or a value without nested values.
        case scalar(JSONToken.Kind, Range<Int>)
    }

    private enum Expectation {
        case value, valueOrEnd, key, keyOrEnd, separator, nothing
    }

    let bytes: [UInt8]
    let depthLimit: Int
    var position = 0
    private var containers: [JSONToken.Kind] = []
    private var expectation = Expectation.value

    init(_ bytes: [UInt8], depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
    }

    /// The byte at the current position; nil at the end.
    var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// The next piece of the document; nil at its end.
    mutating func next() throws(JSONSyntaxError) -> Piece? {
        skipWhitespace()
        if expectation == .separator, current == UInt8(ascii: ",") {
            position += 1
            expectation = containers.last == .object ? .key : .value
            skipWhitespace()
        }
        guard let byte = current else {
            guard expectation == .nothing else { throw error(.unexpectedEnd) }
            return nil
        }
        switch expectation {
        case .nothing: throw error(.unexpectedByte)
        case .separator: return try close(with: byte)
        case .keyOrEnd where byte == UInt8(ascii: "}"): return try close(with: byte)
        case .valueOrEnd where byte == UInt8(ascii: "]"): return try close(with: byte)
        case .key, .keyOrEnd: return try key(byte)
        case .value, .valueOrEnd: return try value(byte)
        }
    }

    /// An error at the current position.
    func error(_ reason: JSONSyntaxError.Reason) -> JSONSyntaxError {
        JSONSyntaxError(reason: position < bytes.count ? reason : .unexpectedEnd, offset: position)
    }

    private mutating func skipWhitespace() {
        while let byte = current, byte.isJSONWhitespace { position += 1 }
    }

    private mutating func open(_ kind: JSONToken.Kind) throws(JSONSyntaxError) -> Piece {
        guard containers.count < depthLimit else { throw error(.tooDeep) }
        containers.append(kind)
        expectation = kind == .object ? .keyOrEnd : .valueOrEnd
        position += 1
        return .opening(kind, at: position - 1)
    }

    private mutating func close(with byte: UInt8) throws(JSONSyntaxError) -> Piece {
        let closing = containers.last == .object ? UInt8(ascii: "}") : UInt8(ascii: "]")
        guard byte == closing else { throw error(.unexpectedByte) }
        containers.removeLast()
        expectation = containers.isEmpty ? .nothing : .separator
        position += 1
        return .closing(end: position)
    }

    private mutating func key(_ byte: UInt8) throws(JSONSyntaxError) -> Piece {
        guard byte == UInt8(ascii: "\"") else { throw error(.unexpectedByte) }
        let start = position
        try skipString()
        let end = position
        skipWhitespace()
        guard current == UInt8(ascii: ":") else { throw error(.unexpectedByte) }
        position += 1
        expectation = .value
        return .scalar(.key, start..<end)
    }

    private mutating func value(_ byte: UInt8) throws(JSONSyntaxError) -> Piece {
        let start = position
        let kind: JSONToken.Kind
        switch byte {
        case UInt8(ascii: "{"): return try open(.object)
        case UInt8(ascii: "["): return try open(.array)
        case UInt8(ascii: "\""):
            kind = .string
            try skipString()
        case UInt8(ascii: "t"):
            kind = .boolean
            try skip("true")
        case UInt8(ascii: "f"):
            kind = .boolean
            try skip("false")
        case UInt8(ascii: "n"):
            kind = .null
            try skip("null")
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            kind = .number
            try skipNumber()
        default: throw error(.unexpectedByte)
        }
        expectation = containers.isEmpty ? .nothing : .separator
        return .scalar(kind, start..<position)
    }
}

/// The reason and position at which text is not a JSON document.
package struct JSONSyntaxError: Error, Equatable, CustomStringConvertible {
    /// The kind of error.
    package enum Reason: String, Sendable {
        case unexpectedEnd = "the document ends too early"
        case unexpectedByte = "unexpected byte"
        case controlCharacter = "control character in a string"
        case badEscape = "bad escape in a string"
        case badNumber = "bad number"
        case tooDeep = "nested too deeply"
        case tooLong = "longer than 4 GiB"
    }

    /// The kind of error.
    package let reason: Reason
    /// The position in bytes from the start of the document.
    package let offset: Int

    package var description: String { "not JSON: \(reason.rawValue) at byte \(offset)" }
}
