/// Extracts the `size` record from the pax records of an extended header, which arrive in pieces. Keeps nothing else.
///
/// A record is `LENGTH KEY=VALUE\n`, where LENGTH is the decimal length of the whole record. A malformed record ends
/// the search, and the header's own size applies.
struct PaxSizeReader {
    /// The position of the next byte within a record.
    private enum State {
        /// In the length: its value so far, and its number of digits.
        case length(Int, digitCount: Int)
        /// In the key: the number of characters matching `size` so far, nil after a mismatch, and the bytes left in the
        /// record.
        case key(matchedCount: Int?, remaining: Int)
        /// In the value of `size`, the value so far.
        case size([UInt8], remaining: Int)
        /// In the value of another key.
        case skipping(remaining: Int)
        /// After a malformed record.
        case malformed
    }

    /// The value of the last `size` record; nil if there is none or its value is empty.
    private(set) var size: [UInt8]?
    private var state = State.length(0, digitCount: 0)

    private static let key = Array("size".utf8)
    /// More digits than any size has.
    private static let valueLimit = 32

    /// Adds the next bytes of the extended header.
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
