/// A Go map key, compared and ordered by its bytes, whereas Swift strings use Unicode equivalence.
struct GoKey: Hashable, Sendable, Comparable {
    let text: String

    init(_ text: String) {
        self.text = text
    }

    /// Whether `encoding/json` matches this key to a field of this name, if no key matches exactly.
    ///
    /// ASCII letters match in either case; U+212A, the Kelvin sign, matches `k`, and U+017F, the long s, matches `s`.
    func folds(to name: String) -> Bool {
        text.unicodeScalars.lazy.map(Self.folded).elementsEqual(name.unicodeScalars.lazy.map(Self.folded))
    }

    private static func folded(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar {
        case "\u{212A}": "k"
        case "\u{17F}": "s"
        case "A"..."Z": Unicode.Scalar(UInt8(scalar.value) | 0x20)
        default: scalar
        }
    }

    func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }

    static func == (left: GoKey, right: GoKey) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

    static func < (left: GoKey, right: GoKey) -> Bool { left.text.utf8.lexicographicallyPrecedes(right.text.utf8) }
}
