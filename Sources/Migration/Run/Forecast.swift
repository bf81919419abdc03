import Foundation
import ImageModel
import Storage

/// A forecast of the remaining work and time, from the cost of the work so far.
///
/// Times are seconds since the work began, measured by the caller. Sizes may be claims of a remote registry.
struct Forecast: Sendable {
    /// A layer in progress.
    private struct Layer: Sendable {
        let began: Double
        let byteCount: Int64
        var bytesDone: Int64 = 0
        /// The part of it that the costs were already learned from.
        var learnedSeconds = 0.0
        var learnedByteCount: Int64 = 0
    }

    private var left = LearnedCosts.Amount()
    private var done = LearnedCosts.Amount()
    private var costs = LearnedCosts()
    private var layers: [V1ImageID: Layer] = [:]
    /// The recent number of busy workers: for layers and tags, and for reading back.
    private var conversionWorkers = LearnedCosts.Mean(limit: 4)
    private var checkWorkers = LearnedCosts.Mean(limit: 4)
    private var activeCount = 0
    private var activeSince = 0.0
    private var checksBegan: Double?
    private var checkSeconds = 0.0
    private var largestShare = 0.0

    /// The expected duration of the whole run, estimated beforehand; nil when unknown.
    private var expectedSeconds: Double?
    /// The time and the share of work for which the expectation is mixed in.
    private static let expectationSeconds = 10.0
    private static let expectationShare = 0.15
    /// The weight of the whole run's average against recent costs.
    private static let steadiness = 0.4

    /// Starts with the total amount of work.
    ///
    /// - Parameters:
    ///   - isRemote: Whether the destination is a remote registry.
    ///   - expectedSeconds: The expected duration: early costs are measured while the largest layers slow down
    ///     everything else.
    mutating func begin(_ amount: LearnedCosts.Amount, isRemote: Bool = false, expectedSeconds: Double? = nil) {
        left = amount
        self.expectedSeconds = expectedSeconds
        costs = LearnedCosts(isRemote: isRemote)
    }

    /// Sets the amount to read back, once it is known.
    mutating func beginChecks(tagCount: Int?, byteCount: Int64?) {
        if let tagCount { left.checkCount = tagCount }
        if let byteCount { left.checkByteCount = byteCount }
    }

    mutating func begin(_ image: V1ImageID, byteCount: Int64, at now: Double) {
        count(1, at: now)
        layers[image] = Layer(began: now, byteCount: byteCount)
    }

    mutating func advance(_ image: V1ImageID, to bytesDone: Int64) { layers[image]?.bytesDone = bytesDone }

    mutating func finish(_ image: V1ImageID, at now: Double) {
        count(-1, at: now)
        guard let layer = layers.removeValue(forKey: image) else { return }
        costs.didLayer(
            seconds: now - layer.began - layer.learnedSeconds,
            byteCount: layer.byteCount.clampedSubtracting(layer.learnedByteCount)
        )
        left.layerCount -= 1
        left.layerByteCount = left.layerByteCount.clampedSubtracting(layer.byteCount)
        done.layerCount += 1
        done.layerByteCount = done.layerByteCount.clampedAdding(layer.byteCount)
    }

    /// A worker starts something other than a layer.
    mutating func beginPiece(at now: Double) { count(1, at: now) }

    mutating func finishTag(began: Double, at now: Double) {
        count(-1, at: now)
        costs.didTag(seconds: now - began)
        left.tagCount -= 1
        done.tagCount += 1
    }

    mutating func finishCheck(byteCount: Int64?, began: Double, at now: Double) {
        if let byteCount {
            costs.didCheckBytes(seconds: now - began, byteCount: byteCount)
            left.checkByteCount = left.checkByteCount.clampedSubtracting(byteCount)
            done.checkByteCount = done.checkByteCount.clampedAdding(byteCount)
        } else {
            costs.didCheck(seconds: now - began)
            left.checkCount -= 1
            done.checkCount += 1
        }
        checkSeconds += now - began
        let start = checksBegan ?? began
        checksBegan = start
        if now > start { checkWorkers = LearnedCosts.Mean(limit: 4).adding(checkSeconds, units: now - start) }
    }

    /// The finished share of the work; it never decreases.
    mutating func share(at now: Double) -> Double {
        let done = costs.conversionSeconds(done) + costs.bytesSeconds(partialByteCount) + costs.checkSeconds(done)
        let left = costs.conversionSeconds(left) - costs.bytesSeconds(partialByteCount) + costs.checkSeconds(left)
        let share = left <= 0 ? 1 : done / (done + left)
        largestShare = max(largestShare, min(1, share))
        return largestShare
    }

    /// The remaining seconds; nil before anything has been measured.
    mutating func secondsLeft(at now: Double) -> Double? {
        learnFromUnfinished(at: now)
        count(0, at: now)
        guard conversionWorkers.value > 0 || checkWorkers.value > 0 else { return nil }
        let workers = max(conversionWorkers.value, 1)
        let bytes = costs.bytesSeconds(partialByteCount)
        let conversion = max(0, costs.conversionSeconds(left) - bytes) / workers
        let checks =
            max(0, costs.checkSeconds(left)) / max(checkWorkers.value > 0 ? checkWorkers.value : workers / 2, 1)
        return blended(steadied(conversion + checks, at: now), at: now)
    }

    /// Recent costs, mixed with the average of the whole run: machines have good and bad seconds.
    private mutating func steadied(_ recent: Double, at now: Double) -> Double {
        let share = share(at: now)
        guard share > 0, share < 1, recent > 0, now > 0 else { return recent }
        return pow(recent, 1 - Self.steadiness) * pow(now * (1 - share) / share, Self.steadiness)
    }

    /// Learned costs, mixed with the expectation: the less was learned, the more it weighs.
    private mutating func blended(_ learned: Double, at now: Double) -> Double {
        guard let expectedSeconds, expectedSeconds > 0, learned > 0 else { return learned }
        let share = share(at: now)
        let weight = min(1 - share / Self.expectationShare, 1 - now / Self.expectationSeconds)
        guard weight > 0 else { return learned }
        return pow(learned, 1 - weight) * pow(expectedSeconds * (1 - share), weight)
    }

    /// The finished bytes of unfinished layers.
    private var partialByteCount: Int64 { layers.values.map(\.bytesDone).clampedSum }

    /// Large layers take long, so costs are learned from them before they are finished.
    private mutating func learnFromUnfinished(at now: Double) {
        for (image, layer) in layers {
            let byteCount = layer.bytesDone.clampedSubtracting(layer.learnedByteCount)
            guard byteCount >= 1 << 20 else { continue }
            let seconds = now - layer.began - layer.learnedSeconds
            costs.didLayer(seconds: seconds, byteCount: byteCount)
            layers[image]?.learnedSeconds += seconds
            layers[image]?.learnedByteCount += byteCount
        }
    }

    private mutating func count(_ change: Int, at now: Double) {
        if activeCount > 0, now > activeSince {
            conversionWorkers.add(Double(activeCount) * (now - activeSince), units: now - activeSince)
        }
        activeSince = now
        activeCount += change
    }
}

extension LearnedCosts.Mean {
    fileprivate func adding(_ total: Double, units: Double) -> Self {
        var mean = self
        mean.add(total, units: units)
        return mean
    }
}
