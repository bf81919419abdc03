import Foundation
import ImageModel
import Synchronization
import SystemLibraries

/// The minimum cost of reading a layer: inflate and three hashes over layers in memory, with the libraries that the
/// program uses.
struct LayerHashing {
    private let layers: [Data]

    /// Loads layers of a tree, up to `byteLimit` bytes.
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

    /// The bytes per second that `threadCount` threads read, each reading all layers.
    func rate(threadCount: Int) throws -> Double {
        let start = ContinuousClock.now
        let threads = (0..<threadCount).map { _ in
            BenchmarkThread { for layer in layers { Self.read(layer) } }
        }
        for thread in threads { thread.start() }
        for thread in threads { try thread.join() }
        return Double(threadCount * layers.reduce(0) { $0 + $1.count }) / (start.duration(to: .now) / .seconds(1))
    }

    /// The bytes per second that one core reads while all others are busy, as in a migration.
    ///
    /// A core that works alone may run at a higher clock than all together. The others count without touching memory,
    /// so only the clock differs.
    func rateBesideBusyCores() throws -> Double {
        let counting = Counting()
        let others = (1..<ProcessInfo.processInfo.activeProcessorCount).map { _ in
            BenchmarkThread { counting.run() }
        }
        for other in others { other.start() }
        let outcome = Result { try rate(threadCount: 1) }
        counting.stop()
        for other in others { try other.join() }
        return try outcome.get()
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
                // Some layers are damaged; the part before the damage was read.
            }
        }
        precondition(blob.byteCount == checksum.byteCount)
    }
}

/// Work that keeps a core busy until it is stopped.
private final class Counting: Sendable {
    private let isStopped = Atomic(false)
    private let last = Atomic<UInt64>(0)

    func run() {
        var number: UInt64 = 1
        while !isStopped.load(ordering: .relaxed) {
            for _ in 0..<1_000_000 { number = number &* 6_364_136_223_846_793_005 &+ 1 }
        }
        // The number must be used, or the compiler would not compute it.
        last.store(number, ordering: .relaxed)
    }

    func stop() { isStopped.store(true, ordering: .relaxed) }
}
