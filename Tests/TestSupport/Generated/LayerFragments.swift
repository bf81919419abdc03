import Foundation
import SystemLibraries

/// The building blocks of generated layers: file contents as separate gzip members, since compressing gigabytes each
/// time would take longer than everything else.
///
/// They compress to about two fifths, like the layers of distributions.
struct LayerFragments {
    /// The content of a file.
    private struct Fragment {
        let byteCount: Int
        let gzip: Data
    }

    private let fragments: [Fragment]
    private let end: Data

    /// - Parameter sizes: The smallest and largest size of a file, as powers of two from 512 up.
    init(count: Int, sizes: ClosedRange<Int>, _ generator: inout SeededGenerator) throws {
        let words = (0..<4096).map { _ in Self.noise(Int.random(in: 3...12, using: &generator), &generator) }
        fragments = try (0..<count).map { number in
            let least = 512 << (sizes.lowerBound + number % sizes.count)
            let byteCount = Int.random(in: least..<(least * 2), using: &generator) & ~511
            return Fragment(
                byteCount: byteCount,
                gzip: try Self.member(Self.content(byteCount, words, &generator))
            )
        }
        end = try Self.member([UInt8](repeating: 0, count: 1024))
    }

    /// The pieces of a unique layer of about `byteCount` bytes.
    func layer(named name: String, byteCount: Int, _ generator: inout SeededGenerator) throws -> [Data] {
        var archive = TestArchive()
        archive.add(name, Array(name.utf8))
        var pieces = [try Self.member(archive.bytes)]
        var written = 0
        while let fragment = fragments.randomElement(using: &generator), written + fragment.gzip.count / 2 < byteCount {
            var header = TestArchive()
            header.begin("\(name)-\(pieces.count)", byteCount: fragment.byteCount)
            pieces += [try Self.member(header.bytes), fragment.gzip]
            written += fragment.gzip.count
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
