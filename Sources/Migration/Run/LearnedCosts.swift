/// The costs of a migration's work in seconds of one worker, learned from finished work.
///
/// Each mean covers about the last hundred pieces, so it follows the load of the machine.
package struct LearnedCosts: Sendable, Equatable {
    /// A moving average.
    struct Mean: Sendable, Equatable {
        /// The mean; 0 before anything is added.
        private(set) var value = 0.0
        private var weight = 0.0
        /// The most units that the mean remembers.
        private let limit: Double

        init(limit: Double) { self.limit = limit }

        /// Whether anything was added yet.
        var isKnown: Bool { weight > 0 }

        /// Adds `units` with a total cost of `total`.
        mutating func add(_ total: Double, units: Double = 1) {
            guard units > 0 else { return }
            let sum = weight + units
            value = (value * weight + max(0, total)) / sum
            weight = min(sum, limit)
        }
    }

    /// An amount of work.
    package struct Amount: Sendable, Equatable {
        /// The number of layers.
        package var layerCount = 0
        /// The total size of the layers in bytes.
        package var layerByteCount: Int64 = 0
        /// The number of tags.
        package var tagCount = 0
        /// The number of tags whose documents are read back.
        package var checkCount = 0
        /// The total size in bytes of the blobs that are read back.
        package var checkByteCount: Int64 = 0
    }

    /// The cost of a layer apart from its bytes: opening, writing, linking and syncing files.
    private var layer = Mean(limit: 120)
    /// The cost of a layer's byte: fetching, reading, copying, sending.
    private var layerByte = Mean(limit: 64e6)
    private var tag = Mean(limit: 120)
    /// The cost of reading back a tag's documents.
    private var check = Mean(limit: 120)
    /// The cost of reading back a blob's byte.
    private var checkByte = Mean(limit: 64e6)

    /// Whether the destination is remote, so that reading back goes over a network.
    private let isRemote: Bool

    init(isRemote: Bool = false) { self.isRemote = isRemote }

    /// Smaller layers teach the cost per layer, larger ones the cost per byte.
    private static let fewByteCount: Int64 = 128 << 10

    /// Learns from a layer, or from the finished part of one.
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

    // Unknown costs are estimated as multiples of known ones.
    private var layerSeconds: Double { layer.isKnown ? layer.value : tag.isKnown ? tag.value * 0.6 : 0.01 }
    private var layerByteSeconds: Double { layerByte.isKnown ? layerByte.value : 1 / 50e6 }
    private var tagSeconds: Double { tag.isKnown ? tag.value : layerSeconds * 1.6 }
    private var checkSeconds: Double {
        if check.isKnown { return check.value }
        // A remote check takes two requests; a local one reads from disk, which takes no longer than the writes did.
        return isRemote ? tagSeconds * 0.3 : min(tagSeconds * 0.05, 0.001 + 30_000 * layerByteSeconds)
    }
    private var checkByteSeconds: Double { checkByte.isKnown ? checkByte.value : layerByteSeconds * 0.5 }

    /// The cost of layers and tags, in seconds of one worker.
    func conversionSeconds(_ amount: Amount) -> Double {
        Double(amount.layerCount) * layerSeconds + bytesSeconds(amount.layerByteCount)
            + Double(amount.tagCount) * tagSeconds
    }

    /// The cost of layer bytes, in seconds of one worker.
    func bytesSeconds(_ byteCount: Int64) -> Double { Double(byteCount) * layerByteSeconds }

    /// The cost of reading back, in seconds of one worker.
    func checkSeconds(_ amount: Amount) -> Double {
        Double(amount.checkCount) * checkSeconds + Double(amount.checkByteCount) * checkByteSeconds
    }
}
