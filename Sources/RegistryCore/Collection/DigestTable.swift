import ImageModel

/// Numbers digests in the order they are added. A million digests take about 50 MB.
struct DigestTable: Sendable {
    /// SHA-256 digests by number; zeros for digests of other algorithms.
    private var words: [SIMD4<UInt64>] = []
    /// An open-addressing hash table: each slot is a number plus one, or zero if empty. Its size is a power of two.
    private var slots = [UInt32](repeating: 0, count: 1 << 10)
    /// Digests of other algorithms, of which there are few.
    private var others: [Digest: UInt32] = [:]
    private var otherDigests: [UInt32: Digest] = [:]

    /// The number of digests in the table.
    var count: Int { words.count }

    /// The number of a digest; nil if it has none.
    func find(_ digest: Digest) -> Int? {
        guard digest.algorithm == .sha256 else { return others[digest].map(Int.init) }
        let key = Self.words(of: digest)
        let slot = slots[slot(of: key)]
        return slot == 0 ? nil : Int(slot - 1)
    }

    /// The number of a digest, assigned if it has none.
    mutating func number(of digest: Digest) -> Int {
        guard digest.algorithm == .sha256 else {
            if let known = others[digest] { return Int(known) }
            let number = UInt32(words.count)
            words.append(SIMD4())
            others[digest] = number
            otherDigests[number] = digest
            return Int(number)
        }
        let key = Self.words(of: digest)
        let place = slot(of: key)
        if slots[place] != 0 { return Int(slots[place] - 1) }
        words.append(key)
        slots[place] = UInt32(words.count)
        if words.count * 2 > slots.count { grow() }
        return words.count - 1
    }

    /// The digest with this number.
    func digest(_ number: Int) -> Digest? {
        if let other = otherDigests[UInt32(number)] { return other }
        var bytes: [UInt8] = []
        for index in 0..<4 { withUnsafeBytes(of: words[number][index].bigEndian) { bytes += $0 } }
        return Digest(.sha256, hash: bytes)
    }

    /// The slot of a digest, or the empty slot where it belongs.
    private func slot(of key: SIMD4<UInt64>) -> Int {
        // Digests are uniformly distributed, so they need no further hashing.
        var place = Int(truncatingIfNeeded: key[0]) & (slots.count - 1)
        while slots[place] != 0, words[Int(slots[place] - 1)] != key { place = (place + 1) & (slots.count - 1) }
        return place
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        for (number, key) in words.enumerated() where otherDigests[UInt32(number)] == nil {
            slots[slot(of: key)] = UInt32(number + 1)
        }
    }

    private static func words(of digest: Digest) -> SIMD4<UInt64> {
        var words = SIMD4<UInt64>()
        var count = 0
        for digit in digest.hex.utf8.prefix(64) {
            let value = digit < UInt8(ascii: "a") ? digit - UInt8(ascii: "0") : digit - UInt8(ascii: "a") + 10
            words[count / 16] = words[count / 16] << 4 | UInt64(value)
            count += 1
        }
        return words
    }
}

/// A set of small numbers, one bit each.
struct NumberSet: Sendable {
    private var words: [UInt64] = []

    func contains(_ number: Int) -> Bool {
        let index = number >> 6
        return index < words.count && words[index] & 1 << UInt64(number & 63) != 0
    }

    /// Adds a number, and returns whether it was new.
    @discardableResult
    mutating func insert(_ number: Int) -> Bool {
        let index = number >> 6
        if index >= words.count {
            words += [UInt64](repeating: 0, count: max(index + 1 - words.count, words.count / 2))
        }
        let bit: UInt64 = 1 << UInt64(number & 63)
        defer { words[index] |= bit }
        return words[index] & bit == 0
    }
}
