/// Creates valid and invalid tar headers.
enum TarBytes {
    /// Two zero blocks.
    static let end = [UInt8](repeating: 0, count: 1024)

    /// A header with a correct checksum.
    ///
    /// - Parameter size: The content of the size field: 12 bytes at most.
    static func header(
        name: String = "file",
        size: [UInt8] = Array("00000000000".utf8),
        type: Character = "0",
        isSumSigned: Bool = false,
        patches: [Int: UInt8] = [:]
    ) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        block.replaceSubrange(0..<name.utf8.count, with: name.utf8)
        block.replaceSubrange(124..<(124 + size.count), with: size)
        block[156] = type.asciiValue ?? 0
        for (offset, byte) in patches { block[offset] = byte }
        block.replaceSubrange(148..<156, with: Array("        ".utf8))
        let sum = block.reduce(0) { $0 + (isSumSigned ? Int(Int8(bitPattern: $1)) : Int($1)) }
        let digits = String(sum, radix: 8)
        let field = Array(String(repeating: "0", count: 6 - digits.count).utf8) + Array(digits.utf8) + [0, 0x20]
        block.replaceSubrange(148..<156, with: field)
        return block
    }

    /// A header, then `content`, padded.
    static func entry(name: String = "file", type: Character = "0", _ content: [UInt8]) -> [UInt8] {
        header(name: name, size: octal(content.count), type: type) + padded(content)
    }

    /// `content` with zeros up to a whole block.
    static func padded(_ content: [UInt8]) -> [UInt8] {
        content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }

    /// A size in octal digits.
    static func octal(_ size: Int) -> [UInt8] {
        let digits = String(size, radix: 8)
        return Array((String(repeating: "0", count: 11 - digits.count) + digits).utf8)
    }

    /// A size in base 256.
    static func binary(_ size: Int64) -> [UInt8] {
        [0x80, 0, 0, 0] + withUnsafeBytes(of: size.bigEndian) { Array($0) }
    }

    /// A pax record with its length.
    static func paxRecord(_ key: String, _ value: String) -> [UInt8] {
        let rest = " \(key)=\(value)\n"
        var length = rest.utf8.count + 1
        while "\(length)\(rest)".utf8.count != length { length = "\(length)\(rest)".utf8.count }
        return Array("\(length)\(rest)".utf8)
    }
}
