/// What one header block of a tar says of the bytes that follow it.
///
/// Numbers and sums are read as Go's archive/tar reads them, because that is what pulls the layer.
struct TarHeader {
    /// The size of a block: of every header, and what files are padded to.
    static let blockByteCount = 512

    /// What a header stands in front of.
    enum Kind {
        /// A file, or nothing, or a record of a kind that changes no size.
        case content
        /// A file of the old GNU sparse kind, whose map goes on in further blocks in front of its bytes.
        case extendedSparseFile
        /// pax records for the next file, which may hold its size.
        case extendedHeader
        /// pax records for all files.
        case globalHeader
        /// The long name, or long link, of the next file.
        case longName
    }

    /// What it stands in front of.
    let kind: Kind
    /// How many bytes follow, padding not counted, if no record in front of the header says otherwise.
    let byteCount: Int64
    /// Whether nothing follows, whatever size is given: links, directories, devices.
    let isHeaderOnly: Bool

    /// Reads a block.
    ///
    /// - Parameters:
    ///   - block: ``blockByteCount`` bytes that are not all zero.
    ///   - offset: Where in the tar it stands, to be said in an error.
    /// - Throws: ``TarDamage/notTar(reason:)`` when the checksum or the size is wrong.
    init(_ block: UnsafeRawBufferPointer, at offset: Int64) throws(TarDamage) {
        guard let checksum = Self.octal(block[148..<156]), Self.sums(of: block).contains(checksum) else {
            throw .notTar(reason: "there is no header at byte \(offset), or its checksum does not match")
        }
        let type = block[156]
        let isOldDirectory = type == 0 && block[..<100].last(where: { $0 != 0 }) == UInt8(ascii: "/")
        let isHeaderOnly = isOldDirectory || (UInt8(ascii: "1")...UInt8(ascii: "6")).contains(type)
        guard let byteCount = Self.number(block[124..<136]), byteCount >= 0 || isHeaderOnly else {
            throw .notTar(reason: "the header at byte \(offset) has no valid size")
        }
        self.isHeaderOnly = isHeaderOnly
        self.byteCount = isHeaderOnly ? 0 : byteCount
        self.kind =
            switch type {
            case UInt8(ascii: "S") where block[482] != 0: .extendedSparseFile
            case UInt8(ascii: "x"): .extendedHeader
            case UInt8(ascii: "g"): .globalHeader
            case UInt8(ascii: "L"), UInt8(ascii: "K"): .longName
            default: .content
            }
    }

    /// The sum of the block's bytes with its checksum taken as blanks: unsigned as the standard has it, and signed as
    /// old tars computed it.
    private static func sums(of block: UnsafeRawBufferPointer) -> [Int64] {
        var unsigned: Int64 = 0
        var negativeCount: Int64 = 0
        for byte in block {
            unsigned += Int64(byte)
            negativeCount += Int64(byte >> 7)
        }
        for byte in block[148..<156] {
            unsigned -= Int64(byte)
            negativeCount -= Int64(byte >> 7)
        }
        unsigned += 8 * Int64(UInt8(ascii: " "))
        return [unsigned, unsigned - 256 * negativeCount]
    }

    /// A number in octal, or in base 256 when its first bit is set; nil when it is neither or too large.
    static func number(_ field: Slice<UnsafeRawBufferPointer>) -> Int64? {
        guard let first = field.first, first & 0x80 != 0 else { return octal(field) }
        let mask: UInt8 = first & 0x40 != 0 ? 0xFF : 0
        var number = UInt64((first ^ mask) & 0x7F)
        for byte in field.dropFirst() {
            guard number >> 56 == 0 else { return nil }
            number = number << 8 | UInt64(byte ^ mask)
        }
        guard let positive = Int64(exactly: number) else { return nil }
        return mask == 0 ? positive : ~positive
    }

    /// A number in octal between blanks and NULs, 0 when there are only those; nil when it is no number.
    private static func octal(_ field: Slice<UnsafeRawBufferPointer>) -> Int64? {
        let isFill = { (byte: UInt8) in byte == 0 || byte == UInt8(ascii: " ") }
        var number: Int64 = 0
        for byte in field.drop(while: isFill).prefix(while: { $0 != 0 }).reversed().drop(while: isFill).reversed() {
            guard (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(byte) else { return nil }
            number = number << 3 | Int64(byte - UInt8(ascii: "0"))
        }
        return number
    }
}
