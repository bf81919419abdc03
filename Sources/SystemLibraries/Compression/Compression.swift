/// The compression of a layer's tar.
package enum Compression: String, Sendable, CaseIterable {
    /// No compression: the tar itself.
    case none
    /// RFC 1952, one or more members.
    case gzip
    /// bzip2, one or more streams.
    case bzip2
    /// The .xz format, one or more streams.
    case xz
    /// The .lzma format that preceded .xz ("LZMA alone").
    case lzma
    /// RFC 8878, one or more frames.
    case zstd

    /// The number of bytes ``detected(inPrefix:)`` examines.
    package static let prefixByteCount = 16

    /// Detects the compression from the first bytes of a stream.
    ///
    /// A tar begins with a file name, so a short magic number is not enough: the bytes that must follow it are checked
    /// too, as far as `prefix` contains them. Anything unrecognised is ``none``.
    /// - Parameter prefix: The first ``prefixByteCount`` bytes, or all if there are fewer.
    package static func detected(inPrefix prefix: some Collection<UInt8>) -> Compression {
        let bytes = Array(prefix.prefix(prefixByteCount))
        if bytes.starts(with: [0x1F, 0x8B, 0x08]) { return .gzip }
        if bytes.starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]) { return .xz }
        if isZstd(bytes) { return .zstd }
        if isBzip2(bytes) { return .bzip2 }
        if isLzma(bytes) { return .lzma }
        return .none
    }

    /// A frame, or a skippable frame before one.
    private static func isZstd(_ bytes: [UInt8]) -> Bool {
        if bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) { return true }
        return bytes.count >= 4 && bytes[0] & 0xF0 == 0x50 && bytes[1...].starts(with: [0x2A, 0x4D, 0x18])
    }

    /// `BZh`, the block size as a digit, and the magic number of a block or of the stream's end.
    private static func isBzip2(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 4, bytes.starts(with: Array("BZh".utf8)),
            (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(bytes[3])
        else { return false }
        let following = bytes[4...].prefix(6)
        let block: [UInt8] = [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]
        let end: [UInt8] = [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]
        return block.starts(with: following) || end.starts(with: following)
    }

    /// The usual properties byte, a dictionary of 2^n or 2^n + 2^(n-1) bytes, and an unknown size or one below 256 GiB:
    /// the same heuristic as liblzma's.
    private static func isLzma(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 13, bytes.starts(with: [0x5D, 0x00, 0x00]) else { return false }
        let dictionary = bytes[1..<5].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let size = bytes[5..<13].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let isUsual = dictionary == .max || dictionary.nonzeroBitCount == 1 || isThreeHalves(dictionary)
        return isUsual && (size == .max || size < 1 << 38)
    }

    private static func isThreeHalves(_ number: UInt32) -> Bool {
        number.nonzeroBitCount == 2 && number & (number << 1) != 0
    }
}
