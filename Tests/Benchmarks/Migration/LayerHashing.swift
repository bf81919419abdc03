import Foundation
import ImageModel
import Synchronization
import SystemLibraries

/// What reading a layer costs at the least: inflate and three hashes, over layers in memory, with the libraries that the
/// program uses.
struct LayerHashing {
    private let layers: [Data]

    /// Takes layers of a tree, up to so many bytes.
    init(of tree: URL, byteLimit: Int) throws {
        let images = tree.appending(path: "images")
        var layers: [Data] = []
        var byteCount = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: images.path).sorted() {
            let path = images.appending(path: "\(name)/layer").path
            guard byteCount < byteLimit, let layer = FileManager.default.contents(atPath: path) else { continue }
            layers.append(layer)
            byteCount += layer.count
        }
        self.layers = layers
    }

    /// How many bytes a second so many threads read, each of them all layers.
    func rate(threadCount: Int) throws -> Double {
        let start = ContinuousClock.now
        let threads = (0..<threadCount).map { _ in
            BenchmarkThread { for layer in layers { Self.read(layer) } }
        }
        for thread in threads { thread.start() }
        for thread in threads { try thread.join() }
        return Double(threadCount * layers.reduce(0) { $0 + $1.count }) / (start.duration(to: .now) / .seconds(1))
    }

    private static func read(_ layer: Data) {
        var blob = StreamingDigest(.sha256)
        var checksum = StreamingDigest(.sha256)
        var tar = StreamingDigest(.sha256)
        layer.withUnsafeBytes { bytes in
            for start in stride(from: 0, to: bytes.count, by: 1 << 20) {
                let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + 1 << 20, bytes.count)])
                blob.update(piece)
                checksum.update(piece)
            }
            do {
                var decompressor = try Decompressor(.gzip)
                for start in stride(from: 0, to: bytes.count, by: 1 << 20) {
                    let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + 1 << 20, bytes.count)])
                    try decompressor.decompress(piece) { tar.update($0) }
                }
            } catch {
                // Some layers are damaged: what comes before the damage was read.
            }
        }
        precondition(blob.byteCount == checksum.byteCount)
    }
}
