import ImageModel

/// Consumes the parts of a time from the front of a text like Go's `time.Parse` does; methods return nil on failure.
struct GoTimeScanner {
    private var rest: ArraySlice<UInt8>

    init(_ text: ArraySlice<UInt8>) {
        self.rest = text
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// Consumes this character if it is next.
    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    /// Exactly this many digits.
    mutating func fixedDigits(_ count: Int) -> Int? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy(\.isDecimalDigit) else { return nil }
        rest.removeFirst(count)
        return Self.number(digits)
    }

    /// Two digits, or one if no second follows.
    mutating func oneOrTwoDigits() -> Int? {
        fixedDigits(2) ?? fixedDigits(1)
    }

    /// The fraction of a second in nanoseconds; 0 if there is none.
    ///
    /// It follows a period or comma; digits after the ninth are ignored.
    mutating func fraction() -> Int {
        guard rest.first == UInt8(ascii: ".") || rest.first == UInt8(ascii: ",") else { return 0 }
        let digits = rest.dropFirst().prefix(while: \.isDecimalDigit)
        guard !digits.isEmpty else { return 0 }
        rest.removeFirst(digits.count + 1)
        let kept = digits.prefix(9)
        var nanoseconds = Self.number(kept) ?? 0
        for _ in kept.count..<9 { nanoseconds *= 10 }
        return nanoseconds
    }

    /// The zone's offset: `Z`, or a sign, two characters, a colon and two more; neither pair is range-checked.
    mutating func offsetMinutes() -> Int? {
        if skip("Z") { return 0 }
        let text = Array(rest.prefix(6))
        guard text.count == 6, text[3] == UInt8(ascii: ":"), let hours = Self.signedNumber(text[1...2]),
            let minutes = Self.signedNumber(text[4...5])
        else { return nil }
        rest.removeFirst(6)
        switch text[0] {
        case UInt8(ascii: "+"): return hours * 60 + minutes
        case UInt8(ascii: "-"): return -(hours * 60 + minutes)
        default: return nil
        }
    }

    /// The value of the digits; nil if there are other characters, or too many.
    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard digits.allSatisfy(\.isDecimalDigit) else { return nil }
        return digits.isEmpty ? 0 : Int(String(decoding: digits, as: UTF8.self))
    }

    /// A number with an optional sign of its own, which Go accepts within an offset.
    private static func signedNumber(_ text: ArraySlice<UInt8>) -> Int? {
        switch text.first {
        case UInt8(ascii: "-"): number(text.dropFirst()).map { -$0 }
        case UInt8(ascii: "+"): number(text.dropFirst())
        default: number(text)
        }
    }
}
