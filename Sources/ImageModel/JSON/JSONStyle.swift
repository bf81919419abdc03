/// The style in which a program writes JSON: white space and escaping.
package struct JSONStyle: Sendable {
    enum Escaping {
        /// Only what JSON requires.
        case least
        /// Go's `json.Marshal`: also `<`, `>`, `&`, U+2028 and U+2029.
        case html
        /// Python's `json.dumps`: everything except printable ASCII.
        case ascii
    }

    let escaping: Escaping
    let itemSeparator: String
    let keySeparator: String
    /// The indentation per level; nil for no line breaks.
    let indentation: String?

    /// No white space, UTF-8.
    package static let compact = JSONStyle(.least, ",", ":")
    /// Go's `json.Marshal`.
    package static let go = JSONStyle(.html, ",", ":")
    /// Go's `json.MarshalIndent` with three spaces, as Docker writes manifests.
    package static let goIndented = JSONStyle(.html, ",", ": ", indentation: "   ")
    /// Python's `json.dumps`.
    package static let python = JSONStyle(.ascii, ", ", ": ")

    private init(_ escaping: Escaping, _ itemSeparator: String, _ keySeparator: String, indentation: String? = nil) {
        self.escaping = escaping
        self.itemSeparator = itemSeparator
        self.keySeparator = keySeparator
        self.indentation = indentation
    }
}

extension JSONStyle {
    /// Appends `string` with its quotation marks.
    func append(_ string: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for scalar in string.unicodeScalars {
            if isPlain(scalar) {
                bytes.append(UInt8(truncatingIfNeeded: scalar.value))
            } else if let letter = shortEscape(of: scalar) {
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(letter)
            } else if mustEscape(scalar) {
                for unit in UTF16.encode(scalar).map(Array.init) ?? [] {
                    bytes.append(contentsOf: "\\u".utf8)
                    bytes.append(contentsOf: String(lowercaseHexOf: [UInt8(unit >> 8), UInt8(unit & 0xFF)]).utf8)
                }
            } else {
                bytes.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Whether every style writes the scalar as a single byte, as for nearly all.
    private func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\"", "\\", "<", ">", "&": false
        default: (0x20...0x7E).contains(scalar.value)
        }
    }

    private func shortEscape(of scalar: Unicode.Scalar) -> UInt8? {
        switch scalar {
        case "\"", "\\": UInt8(ascii: scalar)
        case "\n": UInt8(ascii: "n")
        case "\r": UInt8(ascii: "r")
        case "\t": UInt8(ascii: "t")
        // Go has short forms for these two only since 1.22; the engines imitated here are older.
        case "\u{8}" where escaping != .html: UInt8(ascii: "b")
        case "\u{C}" where escaping != .html: UInt8(ascii: "f")
        default: nil
        }
    }

    private func mustEscape(_ scalar: Unicode.Scalar) -> Bool {
        switch escaping {
        case .least: scalar.value < 0x20
        case .html: scalar.value < 0x20 || ["<", ">", "&", "\u{2028}", "\u{2029}"].contains(scalar)
        case .ascii: scalar.value < 0x20 || scalar.value > 0x7E
        }
    }
}
