import ImageModel

/// Takes the parts of a time off the front of a text, each as Go's `time.Parse` does; nil where that refuses.
struct GoTimeScanner {
    private var rest: ArraySlice<UInt8>

    init(_ text: ArraySlice<UInt8>) {
        self.rest = text
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// Takes this character off, if it stands here.
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

    /// Two digits, or one where no second follows.
    mutating func oneOrTwoDigits() -> Int? {
        fixedDigits(2) ?? fixedDigits(1)
    }

    /// The fraction of a second in nanoseconds; 0 if there is none.
    ///
    /// It stands behind a full stop or a comma; what comes after nine digits is left out.
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

    /// The zone's offset: `Z`, or a sign, two characters, a colon and two more; neither pair has a limit.
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

    /// The number that digits make; nil if there are other characters, or too many.
    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard digits.allSatisfy(\.isDecimalDigit) else { return nil }
        return digits.isEmpty ? 0 : Int(String(decoding: digits, as: UTF8.self))
    }

    /// A number that may have a sign of its own, as Go takes it within an offset.
    private static func signedNumber(_ text: ArraySlice<UInt8>) -> Int? {
        switch text.first {
        case UInt8(ascii: "-"): number(text.dropFirst()).map { -$0 }
        case UInt8(ascii: "+"): number(text.dropFirst())
        default: number(text)
        }
    }
}
