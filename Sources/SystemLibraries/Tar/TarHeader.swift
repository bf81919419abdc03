/// A header block of a tar.
///
/// Numbers and checksums are parsed like Go's archive/tar does, because that is what reads the layer after a pull.
struct TarHeader {
    /// The size of a header block; files are padded to a multiple of it.
    static let blockByteCount = 512

    /// The kind of data after a header.
    enum Kind {
        /// A file, no content, or a record that does not affect sizes.
        case content
        /// An old GNU sparse file whose map continues in extra blocks before its content.
        case extendedSparseFile
        /// pax records for the next file, which may include its size.
        case extendedHeader
        /// pax records for all files.
        case globalHeader
        /// The long name or long link target of the next file.
        case longName
    }

    /// The kind of data that follows.
    let kind: Kind
    /// The number of bytes that follow, without padding, unless an extension header says otherwise.
    let byteCount: Int64
    /// Whether nothing follows, regardless of the size field: links, directories, devices.
    let isHeaderOnly: Bool

    /// Parses a block.
    ///
    /// - Parameters:
    ///   - block: ``blockByteCount`` bytes that are not all zero.
    ///   - offset: The block's position in the tar, for error messages.
    /// - Throws: ``TarDamage/notTar(reason:)`` if the checksum or the size is wrong.
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

    /// The sums of the block's bytes with blanks in place of the checksum: unsigned as in the standard, and signed as
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

    /// A number in octal, or in base 256 if its first bit is set; nil if malformed or too large.
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

    /// An octal number surrounded by blanks and NULs, 0 if there are only those; nil if malformed.
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
