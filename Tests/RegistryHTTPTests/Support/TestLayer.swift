import SystemLibraries

/// Layers made for a test: a tar of one file.
enum TestLayer {
    /// A tar that contains `content` as the file `name`.
    static func tar(_ name: String, _ content: [UInt8]) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        func write(_ text: String, at offset: Int) {
            header.replaceSubrange(offset..<(offset + text.utf8.count), with: Array(text.utf8))
        }
        func octal(_ number: Int, width: Int) -> String {
            let digits = String(number, radix: 8)
            return String(repeating: "0", count: width - digits.count) + digits
        }
        write(name, at: 0)
        write("0000644", at: 100)
        write("0000000", at: 108)
        write("0000000", at: 116)
        write(octal(content.count, width: 11), at: 124)
        write(octal(1_420_070_400, width: 11), at: 136)
        write("        ", at: 148)
        write("0", at: 156)
        write("ustar\u{0}00", at: 257)
        let sum = header.reduce(0) { $0 + Int($1) }
        write(octal(sum, width: 6) + "\u{0} ", at: 148)
        let padding = [UInt8](repeating: 0, count: -content.count & 511)
        return header + content + padding + [UInt8](repeating: 0, count: 1024)
    }

    /// `bytes` as gzip with `members` members: the same content, other bytes.
    static func gzip(_ bytes: [UInt8], members: Int = 1) throws -> [UInt8] {
        var result: [UInt8] = []
        let size = (bytes.count + members - 1) / members
        for start in stride(from: 0, to: bytes.count, by: size) {
            var compressor = try GzipCompressor()
            bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { input in
                compressor.compress(input) { result += $0 }
            }
            compressor.finish { result += $0 }
        }
        return result
    }

    /// Incompressible bytes, the same for the same `seed`.
    static func noise(_ count: Int, seed: UInt64) -> [UInt8] {
        var state = seed &* 2_862_933_555_777_941_757 &+ 3_037_000_493
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
    }
}
