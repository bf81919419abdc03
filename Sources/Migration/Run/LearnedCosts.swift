/// What the pieces of a migration's work cost, in seconds of one worker, learned from the pieces that are done.
///
/// Each mean follows the last hundred pieces, so that it changes with the load of the machine.
package struct LearnedCosts: Sendable, Equatable {
    /// A mean of recent values.
    struct Mean: Sendable, Equatable {
        /// The mean; 0 before anything was added.
        private(set) var value = 0.0
        private var weight = 0.0
        /// Of how many units the mean is at most: older ones are forgotten.
        private let limit: Double

        init(limit: Double) { self.limit = limit }

        /// Whether enough is known to go by.
        var isKnown: Bool { weight > 0 }

        /// Adds `units` that cost `total` together.
        mutating func add(_ total: Double, units: Double = 1) {
            guard units > 0 else { return }
            let sum = weight + units
            value = (value * weight + max(0, total)) / sum
            weight = min(sum, limit)
        }
    }

    /// Work that is left, or done.
    package struct Amount: Sendable, Equatable {
        package var layerCount = 0
        package var layerByteCount: Int64 = 0
        package var tagCount = 0
        package var checkCount = 0
        package var checkByteCount: Int64 = 0
    }

    /// A layer, beside what its bytes cost: files are opened, written, linked and synced.
    private var layer = Mean(limit: 120)
    /// A byte of a layer: fetched, read, copied, sent.
    private var layerByte = Mean(limit: 64e6)
    private var tag = Mean(limit: 120)
    /// Reading back the documents of a tag.
    private var check = Mean(limit: 120)
    /// Reading back a byte of a blob.
    private var checkByte = Mean(limit: 64e6)

    /// Whether the destination is served, so that reading back goes through a network.
    private let isRemote: Bool

    init(isRemote: Bool = false) { self.isRemote = isRemote }

    /// A layer that has fewer bytes teaches what a layer costs; one that has more teaches what a byte costs.
    private static let fewByteCount: Int64 = 128 << 10

    /// Learns from a layer, or from as much of one as is done.
    mutating func didLayer(seconds: Double, byteCount: Int64) {
        if byteCount < Self.fewByteCount {
            layer.add(seconds - Double(byteCount) * layerByte.value)
        } else {
            layerByte.add(seconds - layer.value, units: Double(byteCount))
        }
    }

    mutating func didTag(seconds: Double) { tag.add(seconds) }
    mutating func didCheck(seconds: Double) { check.add(seconds) }
    mutating func didCheckBytes(seconds: Double, byteCount: Int64) { checkByte.add(seconds, units: Double(byteCount)) }

    // What was not seen yet is taken to cost so many times what was seen.
    private var layerSeconds: Double { layer.isKnown ? layer.value : tag.isKnown ? tag.value * 0.6 : 0.01 }
    private var layerByteSeconds: Double { layerByte.isKnown ? layerByte.value : 1 / 50e6 }
    private var tagSeconds: Double { tag.isKnown ? tag.value : layerSeconds * 1.6 }
    private var checkSeconds: Double {
        if check.isKnown { return check.value }
        // Far away it takes two requests; on a disk it is read, which takes no more than what it is written with.
        return isRemote ? tagSeconds * 0.3 : min(tagSeconds * 0.05, 0.001 + 30_000 * layerByteSeconds)
    }
    private var checkByteSeconds: Double { checkByte.isKnown ? checkByte.value : layerByteSeconds * 0.5 }

    /// The seconds of one worker that layers and tags cost.
    func conversionSeconds(_ amount: Amount) -> Double {
        Double(amount.layerCount) * layerSeconds + bytesSeconds(amount.layerByteCount)
            + Double(amount.tagCount) * tagSeconds
    }

    /// The seconds of one worker that the bytes of layers cost.
    func bytesSeconds(_ byteCount: Int64) -> Double { Double(byteCount) * layerByteSeconds }

    /// The seconds of one worker that reading back costs.
    func checkSeconds(_ amount: Amount) -> Double {
        Double(amount.checkCount) * checkSeconds + Double(amount.checkByteCount) * checkByteSeconds
    }
}
