import Storage
import SystemLibraries

/// How fast this machine reads layers, as far as its processors decide that: found by reading one in memory.
package struct ThroughputEstimate: Sendable {
    /// What all jobs take together.
    package let bytesPerSecond: Double

    /// Reads some megabytes that are compressed about as well as layers are.
    ///
    /// - Parameter jobs: How many layers are read at once, at most one a processor.
    package static func measured(jobs: Int, byteRateLimit: Int64?) -> ThroughputEstimate {
        let layer = sample(byteCount: 8 << 20)
        let clock = ContinuousClock()
        let elapsed = clock.measure {
            let scan = LayerScan(v1ImageJSON: Array("{}".utf8))
            layer.withUnsafeBytes { scan.update($0) }
            // The bytes are no tar, which does not matter here.
            _ = scan.storedBytes
        }
        let rate = Double(layer.count) / max(elapsed / .seconds(1), 0.000_1) * Double(max(1, jobs))
        return ThroughputEstimate(bytesPerSecond: byteRateLimit.map { min(Double($0), rate) } ?? rate)
    }

    /// What a disk is taken to write in a second, and a network to carry: neither is tried out.
    package static let diskBytesPerSecond = 200_000_000.0
    package static let networkBytesPerSecond = 100_000_000.0

    /// How long a plan takes.
    package func seconds(for plan: MigrationPlan) -> Double {
        let copied = plan.toCopy.values.map(\.byteCount).clampedSum
        return Double(plan.toHash.byteCount) / bytesPerSecond + Double(copied) / Self.diskBytesPerSecond
            + (Double(plan.toFetch.byteCount) + Double(plan.toSend.byteCount)) / Self.networkBytesPerSecond
    }

    /// Half noise and half repetition, as gzip.
    private static func sample(byteCount: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        while bytes.count < byteCount {
            let noise = (0..<64).map { _ in generator.next() }
            noise.withUnsafeBytes { bytes += $0 }
            bytes += Array(repeating: 0x61, count: 512)
        }
        var gzip: [UInt8] = []
        // Without the memory for it the estimate is made of the bytes as they are.
        guard var compressor = try? GzipCompressor() else { return bytes }
        bytes.withUnsafeBytes { compressor.compress($0) { gzip += $0 } }
        compressor.finish { gzip += $0 }
        return gzip
    }
}
