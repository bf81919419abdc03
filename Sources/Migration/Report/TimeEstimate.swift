import Storage
import SystemLibraries

/// How long a plan takes on this machine, told before it begins: by a layer that is read in memory, and by how long the
/// destination's disk takes to make something durable.
package struct TimeEstimate: Sendable {
    /// How many bytes of layers all jobs read together in a second.
    package let bytesPerSecond: Double
    /// How many times a second the disk makes something durable, when several ask at once.
    package let syncsPerSecond: Double

    /// What a disk is taken to write in a second, and a network to carry: neither is tried out.
    package static let diskBytesPerSecond = 200_000_000.0
    package static let networkBytesPerSecond = 100_000_000.0
    /// What a disk that cannot be tried out is taken to do.
    package static let usualSyncsPerSecond = 500.0

    /// How many syncs of a file cost as much as making a layer and a tag durable: commits that wait together share theirs.
    private static let syncsPerLayer = 5.0
    private static let syncsPerTag = 9.2
    /// How many bytes of a layer could be read in the time that the processors need for the rest of a layer, a tag, or
    /// reading a tag back.
    private static let bytesPerLayer = 250_000.0
    private static let bytesPerTag = 500_000.0
    private static let bytesPerCheck = 60_000.0

    package init(bytesPerSecond: Double, syncsPerSecond: Double) {
        self.bytesPerSecond = bytesPerSecond
        self.syncsPerSecond = syncsPerSecond
    }

    /// Reads some megabytes that are compressed about as well as layers are.
    ///
    /// - Parameters:
    ///   - jobs: How many layers are read at once, at most one a processor.
    ///   - syncsPerSecond: What was found out about the disk; nil when it could not be tried out.
    package static func measured(jobs: Int, syncsPerSecond: Double?) -> TimeEstimate {
        let layer = sample(byteCount: 8 << 20)
        let clock = ContinuousClock()
        let elapsed = clock.measure {
            let scan = LayerScan(v1ImageJSON: Array("{}".utf8))
            layer.withUnsafeBytes { scan.update($0) }
            // The bytes are no tar, which does not matter here.
            _ = scan.storedBytes
        }
        return TimeEstimate(
            bytesPerSecond: Double(layer.count) / max(elapsed / .seconds(1), 0.000_1) * Double(max(1, jobs)),
            syncsPerSecond: max(syncsPerSecond ?? usualSyncsPerSecond, 1)
        )
    }

    /// How long a plan takes.
    ///
    /// - Parameters:
    ///   - tagCount: How many tags are to be written.
    ///   - byteRateLimit: The most bytes that are read from the source in a second; nil when there is no limit.
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
        // What waits for the disk leaves the processors to the others.
        return max(max(processors, syncs) + 0.3 * min(processors, syncs) + copied + carried, limited)
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
