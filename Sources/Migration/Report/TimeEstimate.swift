import Storage
import SystemLibraries

/// An estimate of a plan's duration on this machine, from the measured speed of reading a layer in memory and of syncs
/// to the destination's disk.
package struct TimeEstimate: Sendable {
    /// The bytes of layers that all jobs together read per second.
    package let bytesPerSecond: Double
    /// The syncs per second of the disk with several concurrent callers.
    package let syncsPerSecond: Double

    /// The assumed bytes per second of disk writes, which are not measured.
    package static let diskBytesPerSecond = 200_000_000.0
    /// The assumed bytes per second of network transfers, which are not measured.
    package static let networkBytesPerSecond = 100_000_000.0
    /// The assumed syncs per second of a disk that cannot be measured.
    package static let usualSyncsPerSecond = 500.0

    /// The cost of a layer and of a tag, in syncs of one file: concurrent commits share syncs.
    private static let syncsPerLayer = 5.0
    private static let syncsPerTag = 9.2
    /// The processor time for a layer, for a tag and for reading a tag back, as the bytes of a layer that could be
    /// read in that time.
    private static let bytesPerLayer = 250_000.0
    private static let bytesPerTag = 500_000.0
    private static let bytesPerCheck = 60_000.0

    package init(bytesPerSecond: Double, syncsPerSecond: Double) {
        self.bytesPerSecond = bytesPerSecond
        self.syncsPerSecond = syncsPerSecond
    }

    /// Measures by reading some megabytes that compress about as well as layers.
    ///
    /// - Parameters:
    ///   - jobs: The number of layers read at once, at most one per processor.
    ///   - syncsPerSecond: The measured speed of the disk; nil when it could not be measured.
    package static func measured(jobs: Int, syncsPerSecond: Double?) -> TimeEstimate {
        let layer = sample(byteCount: 8 << 20)
        let clock = ContinuousClock()
        let elapsed = clock.measure {
            let scan = LayerScan(v1ImageJSON: Array("{}".utf8))
            layer.withUnsafeBytes { scan.update($0) }
            // The bytes are not a tar archive, which does not matter here.
            _ = scan.storedBytes
        }
        return TimeEstimate(
            bytesPerSecond: Double(layer.count) / max(elapsed / .seconds(1), 0.000_1) * Double(max(1, jobs)),
            syncsPerSecond: max(syncsPerSecond ?? usualSyncsPerSecond, 1)
        )
    }

    /// The estimated seconds for a plan.
    ///
    /// - Parameters:
    ///   - tagCount: The number of tags to write.
    ///   - byteRateLimit: The most bytes to read from the source per second; nil for no limit.
    package func seconds(for plan: MigrationPlan, tagCount: Int, byteRateLimit: Int64?) -> Double {
        let layers = Double(plan.toHash.layerCount)
        let tags = Double(tagCount)
        let bytes = Double(plan.toHash.byteCount)
        let processors =
            (bytes + layers * Self.bytesPerLayer + tags * (Self.bytesPerTag + Self.bytesPerCheck)) / bytesPerSecond
        let syncs = (layers * Self.syncsPerLayer + tags * Self.syncsPerTag) / syncsPerSecond
        let copied = Double(plan.byteCountToCopy) / Self.diskBytesPerSecond
        let carried = (Double(plan.toFetch.byteCount) + Double(plan.toSend.byteCount)) / Self.networkBytesPerSecond
        let limited = byteRateLimit.map { bytes / Double($0) } ?? 0
        // While some jobs wait for the disk, others use the processors.
        return max(max(processors, syncs) + 0.3 * min(processors, syncs) + copied + carried, limited)
    }

    /// A gzip stream of half noise, half repetition.
    private static func sample(byteCount: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        while bytes.count < byteCount {
            let noise = (0..<64).map { _ in generator.next() }
            noise.withUnsafeBytes { bytes += $0 }
            bytes += Array(repeating: 0x61, count: 512)
        }
        var gzip: [UInt8] = []
        // Without memory for a compressor, estimate from the uncompressed bytes.
        guard var compressor = try? GzipCompressor() else { return bytes }
        bytes.withUnsafeBytes { compressor.compress($0) { gzip += $0 } }
        compressor.finish { gzip += $0 }
        return gzip
    }
}
