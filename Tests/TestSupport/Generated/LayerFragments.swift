import Foundation
import SystemLibraries

/// What generated layers are put together from: stretches of tar, each a gzip member of its own, since compressing
/// gigabytes anew would take longer than all else.
///
/// They compress to about two fifths, as the layers of distributions do.
struct LayerFragments {
    private let fragments: [Data]
    private let end: Data

    /// - Parameters:
    ///   - byteCount: How many bytes of tar each of them holds.
    init(count: Int, byteCount: Int, _ generator: inout SeededGenerator) throws {
        let words = (0..<4096).map { _ in Self.noise(Int.random(in: 3...12, using: &generator), &generator) }
        fragments = try (0..<count).map { number in
            var archive = TestArchive()
            while archive.bytes.count < byteCount {
                let most = max(512, byteCount - archive.bytes.count)
                let size = min(most, 1 << Int.random(in: 9...16, using: &generator))
                archive.add("usr/\(number)/\(archive.bytes.count)", Self.content(size, words, &generator))
            }
            return try Self.member(archive.bytes)
        }
        end = try Self.member([UInt8](repeating: 0, count: 1024))
    }

    /// How many bytes a fragment has, compressed.
    var averageByteCount: Int { fragments.reduce(0) { $0 + $1.count } / fragments.count }

    /// The pieces of a layer of about so many bytes, which no other layer is like.
    func layer(named name: String, byteCount: Int, _ generator: inout SeededGenerator) throws -> [Data] {
        var archive = TestArchive()
        archive.add(name, Array(name.utf8))
        var pieces = [try Self.member(archive.bytes)]
        for _ in 0..<(byteCount / averageByteCount) {
            if let fragment = fragments.randomElement(using: &generator) { pieces.append(fragment) }
        }
        return pieces + [end]
    }

    private static func content(_ byteCount: Int, _ words: [[UInt8]], _ generator: inout SeededGenerator) -> [UInt8] {
        var content: [UInt8] = []
        content.reserveCapacity(byteCount + 16)
        while content.count < byteCount { content += words[Int(truncatingIfNeeded: generator.next() & 4095)] }
        return Array(content.prefix(byteCount))
    }

    private static func noise(_ byteCount: Int, _ generator: inout SeededGenerator) -> [UInt8] {
        (0..<byteCount).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    private static func member(_ bytes: [UInt8]) throws -> Data {
        var compressor = try GzipCompressor()
        var gzip = Data()
        bytes.withUnsafeBytes { compressor.compress($0) { gzip.append(contentsOf: $0) } }
        compressor.finish { gzip.append(contentsOf: $0) }
        return gzip
    }
}
