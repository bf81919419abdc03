/// The few forms of ASN.1's distinguished encoding that public keys and signatures are written in: ITU-T X.690.
enum DER {
    static let sequenceTag: UInt8 = 0x30
    static let integerTag: UInt8 = 0x02
    static let bitStringTag: UInt8 = 0x03
    static let objectIdentifierTag: UInt8 = 0x06

    /// One value: its tag, its length, its content.
    static func value(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        var length: [UInt8] = []
        var rest = content.count
        while rest > 0 {
            length.insert(UInt8(truncatingIfNeeded: rest), at: 0)
            rest >>= 8
        }
        let header = content.count < 0x80 ? [UInt8(content.count)] : [0x80 | UInt8(length.count)] + length
        return [tag] + header + content
    }

    /// Values one after the other in one.
    static func sequence(_ values: [UInt8]...) -> [UInt8] { value(sequenceTag, values.flatMap(\.self)) }

    /// A number, the highest byte first: no more zeros in front than the sign needs.
    static func integer(_ number: some Collection<UInt8>) -> [UInt8] {
        var magnitude = Array(number.drop { $0 == 0 })
        if magnitude.isEmpty || magnitude[0] & 0x80 != 0 { magnitude.insert(0, at: 0) }
        return value(integerTag, magnitude)
    }

    /// Whole bytes as a string of bits.
    static func bitString(_ bytes: [UInt8]) -> [UInt8] { value(bitStringTag, [0] + bytes) }

    /// Takes the first value off `bytes`: its tag and its content; nil where there is none that is whole.
    static func read(_ bytes: inout ArraySlice<UInt8>) -> (tag: UInt8, content: ArraySlice<UInt8>)? {
        var rest = bytes
        guard let tag = rest.popFirst(), let first = rest.popFirst() else { return nil }
        var count = Int(first)
        if first & 0x80 != 0 {
            let size = Int(first & 0x7F)
            guard (1...4).contains(size), rest.count >= size else { return nil }
            count = rest.prefix(size).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(size)
        }
        guard rest.count >= count else { return nil }
        bytes = rest.dropFirst(count)
        return (tag, rest.prefix(count))
    }
}
