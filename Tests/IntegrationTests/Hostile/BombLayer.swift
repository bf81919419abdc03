import Foundation
import TestSupport

/// Tiny layers that are terrible to read. Each number gives a different layer of the same kind.
enum BombLayer: String, CaseIterable {
    /// 10 GB of zeros in zstd blocks that contain nothing but "the same byte 131,072 times".
    case zstd
    /// 2 GB of zeros in gzip, a thousand to one; in a full run 16 GB.
    case gzip
    /// 64 MiB of zeros in xz, seven thousand to one; in a full run 4 GB.
    case xz
    /// A name of 1 MiB of slashes.
    case slashes
    /// 70 names of 1 MiB each.
    case names
    /// 160 extended headers of 1 MiB before one file, in a full run 2,000: eight kinds of records in turn.
    case paxRows
    /// 250,000 empty files; in a full run a million.
    case entries

    func bytes(_ number: Int) async throws -> Data {
        switch self {
        case .zstd: return Self.zstd(10 << 30, number)
        case .gzip:
            let count = Requirement.isFull ? 256 : 32
            let header = Self.header("gzip\(number)", byteCount: count << 26)
            let zeros = try await Self.gzipped(Data(count: 64 << 20))
            return try await Self.gzipped(header) + Data(repeatElement(zeros, count: count).joined())
        case .xz:
            let count = Requirement.isFull ? 64 : 1
            let header = Self.header("xz\(number)", byteCount: count << 26)
            let zeros = try await Self.compressed(Data(count: 64 << 20), by: "xz", "-6", ".xz")
            let start = try await Self.compressed(header, by: "xz", "-6", ".xz")
            return start + Data(repeatElement(zeros, count: count).joined())
        case .slashes:
            return try await Self.gzipped(
                Self.longName(Data(repeating: 0x2F, count: 1 << 20)) + Self.header("\(number)")
            )
        case .names:
            let entry = Self.longName(Data(repeating: 0x61, count: (1 << 20) - 8)) + Self.header("\(number)")
            let member = try await Self.gzipped(entry)
            return Data(repeatElement(member, count: Requirement.isFull ? 70 : 24).joined())
        case .paxRows:
            // The name of each record is the row's number, so each row compresses differently.
            var rows = Data()
            for row in 0..<8 {
                let rest = " k\(row)-\(number)=\(String(repeating: "v", count: 1_000_000))\n"
                let record = Data("\(rest.utf8.count + 7)\(rest)".utf8)
                rows += Self.header("pax", byteCount: record.count, type: "x") + Self.padded(record)
            }
            let members = Data(
                repeatElement(try await Self.gzipped(rows), count: Requirement.isFull ? 250 : 4).joined()
            )
            return try await members + Self.gzipped(Self.header("\(number)"))
        case .entries:
            let headers = Data(repeatElement(Self.header("\(number)"), count: 4096).joined())
            return Data(repeatElement(try await Self.gzipped(headers), count: Requirement.isFull ? 250 : 16).joined())
        }
    }

    /// A tar of one file of `byteCount` zeros.
    static func zstd(_ byteCount: Int, _ number: Int) -> Data {
        // A magic number, a frame header without a size, and a window of 2 MiB.
        var frame = Data([0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58])
        func block(_ byteCount: Int, _ kind: Int, isLast: Bool = false) -> Data {
            let header = UInt32(byteCount << 3 | kind << 1 | (isLast ? 1 : 0))
            return withUnsafeBytes(of: header.littleEndian) { Data($0.prefix(3)) }
        }
        let header = header("zstd\(number)", byteCount: byteCount)
        frame += block(header.count, 0) + header
        let zeros = block(128 << 10, 1) + [0]
        frame += Data(repeatElement(zeros, count: byteCount / (128 << 10)).joined())
        return frame + block(0, 0, isLast: true)
    }

    private static func longName(_ name: Data) -> Data {
        header("././@LongLink", byteCount: name.count, type: "L") + padded(name)
    }

    private static func padded(_ data: Data) -> Data { data + Data(count: -data.count & 511) }

    /// A tar header whose size is written in base 256, which allows any size.
    private static func header(_ name: String, byteCount: Int = 0, type: Character = "0") -> Data {
        var block = Data(count: 512)
        func put(_ bytes: some Collection<UInt8>, at offset: Int) {
            block.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
        }
        put(name.utf8, at: 0)
        put([0x80, 0, 0, 0], at: 124)
        put(withUnsafeBytes(of: Int64(byteCount).bigEndian) { Array($0) }, at: 128)
        put([type.asciiValue ?? 0x30], at: 156)
        put("ustar  ".utf8, at: 257)
        put("        ".utf8, at: 148)
        let sum = String(block.reduce(0) { $0 + Int($1) }, radix: 8)
        put((String(repeating: "0", count: 6 - sum.count) + sum).utf8, at: 148)
        block[154] = 0
        return block
    }

    private static func gzipped(_ data: Data) async throws -> Data {
        try await compressed(data, by: "gzip", "-n9", ".gz")
    }

    private static func compressed(
        _ data: Data,
        by program: String,
        _ options: String,
        _ suffix: String
    ) async throws -> Data {
        try await withTemporaryDirectory { directory in
            let file = try directory.write(data, to: "data")
            _ = try await Program(program).run([options, file]).succeeded()
            return try Data(contentsOf: URL(filePath: file + suffix))
        }
    }
}
