/// Finds the `size` record among the pax records of an extended header, which arrive in pieces, and keeps nothing else.
///
/// A record is `LENGTH KEY=VALUE\n`, with the length of all of it in decimal. What is not well formed ends the search:
/// the header's own size stands then.
struct PaxSizeReader {
    /// Where in a record the next byte stands.
    private enum State {
        /// Among the digits in front of the blank: what they are so far, and how many.
        case length(Int, digitCount: Int)
        /// In the key: whether it can still be `size`, and how many bytes of it and of the record there were and will be.
        case key(matchedCount: Int?, remaining: Int)
        /// In the value of `size`, the value so far.
        case size([UInt8], remaining: Int)
        /// In the value of another key.
        case skipping(remaining: Int)
        /// Behind a record that is none.
        case malformed
    }

    /// The value of the last `size` record, or nil when there is none or its value is empty.
    private(set) var size: [UInt8]?
    private var state = State.length(0, digitCount: 0)

    private static let key = Array("size".utf8)
    /// No size has so many digits.
    private static let valueLimit = 32

    /// Reads the next bytes of the extended header.
    mutating func read(_ bytes: some Collection<UInt8>) {
        for byte in bytes { state = following(byte) }
    }

    private mutating func following(_ byte: UInt8) -> State {
        switch state {
        case .length(let length, let digitCount): Self.followingLength(length, digitCount, byte)
        case .key(let matchedCount, let remaining): Self.followingKey(matchedCount, remaining - 1, byte)
        case .size(let value, let remaining): followingSize(value, remaining - 1, byte)
        case .skipping(let remaining):
            remaining > 1 ? .skipping(remaining: remaining - 1) : Self.recordEnd(byte)
        case .malformed: .malformed
        }
    }

    private static func followingLength(_ length: Int, _ digitCount: Int, _ byte: UInt8) -> State {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9") where digitCount < 18:
            .length(length * 10 + Int(byte - UInt8(ascii: "0")), digitCount: digitCount + 1)
        case UInt8(ascii: " ") where length >= digitCount + 4:
            .key(matchedCount: 0, remaining: length - digitCount - 1)
        default: .malformed
        }
    }

    private static func followingKey(_ matchedCount: Int?, _ remaining: Int, _ byte: UInt8) -> State {
        guard remaining > 0 else { return .malformed }
        if byte == UInt8(ascii: "=") {
            return matchedCount == key.count ? .size([], remaining: remaining) : .skipping(remaining: remaining)
        }
        guard let matchedCount, matchedCount < key.count, key[matchedCount] == byte else {
            return .key(matchedCount: nil, remaining: remaining)
        }
        return .key(matchedCount: matchedCount + 1, remaining: remaining)
    }

    private mutating func followingSize(_ value: [UInt8], _ remaining: Int, _ byte: UInt8) -> State {
        guard remaining > 0 else {
            size = value.isEmpty ? nil : value
            return Self.recordEnd(byte)
        }
        return value.count < Self.valueLimit ? .size(value + [byte], remaining: remaining) : .malformed
    }

    private static func recordEnd(_ byte: UInt8) -> State {
        byte == UInt8(ascii: "\n") ? .length(0, digitCount: 0) : .malformed
    }
}
