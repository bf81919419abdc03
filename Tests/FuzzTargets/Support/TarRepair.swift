/// Corrects the header checksums of a tar, so that changed headers are read rather than refused.
enum TarRepair {
    /// `tar` with a correct checksum in each block that contains `ustar`.
    static func repaired(_ tar: [UInt8]) -> [UInt8] {
        var tar = tar
        for start in stride(from: 0, through: tar.count - 512, by: 512)
        where tar[(start + 257)..<(start + 262)].elementsEqual("ustar".utf8) {
            sign(&tar, at: start)
        }
        return tar
    }

    /// A header block of this type for `byteCount` bytes.
    static func header(type: Character, byteCount: Int) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        let digits = String(byteCount, radix: 8)
        block.replaceSubrange(0..<4, with: "file".utf8)
        block.replaceSubrange(124..<135, with: Array((String(repeating: "0", count: 11 - digits.count) + digits).utf8))
        block[156] = type.asciiValue ?? 0
        block.replaceSubrange(257..<262, with: "ustar".utf8)
        sign(&block, at: 0)
        return block
    }

    /// Bytes padded to a full block.
    static func padded(_ bytes: [UInt8]) -> [UInt8] { bytes + [UInt8](repeating: 0, count: -bytes.count & 511) }

    private static func sign(_ tar: inout [UInt8], at start: Int) {
        let checksum = (start + 148)..<(start + 156)
        tar.replaceSubrange(checksum, with: "        ".utf8)
        let digits = String(tar[start..<(start + 512)].reduce(0) { $0 + Int($1) }, radix: 8)
        tar.replaceSubrange(
            checksum,
            with: Array((String(repeating: "0", count: 6 - digits.count) + digits + "\0 ").utf8)
        )
    }
}
