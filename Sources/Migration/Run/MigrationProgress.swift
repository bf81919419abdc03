package import ImageModel
import RegistryCore
import Synchronization

/// The progress of a migration: updated by workers, read by the display.
package final class MigrationProgress: Sendable {
    /// The counters at one moment.
    package struct Snapshot: Sendable, Equatable {
        /// The bytes read and hashed.
        package fileprivate(set) var bytesRead: Int64 = 0
        /// The bytes to read and hash in total.
        package fileprivate(set) var bytesToRead: Int64 = 0
        /// The number of passes over each byte: reading it, and possibly fetching it before and sending it afterwards.
        package fileprivate(set) var stepCount = 1
        /// The finished layers.
        package fileprivate(set) var layersDone = 0
        /// The layers in total.
        package fileprivate(set) var layersToDo = 0
        /// The finished tags, converted or not.
        package fileprivate(set) var tagsDone = 0
        /// The tags in total.
        package fileprivate(set) var tagsToDo = 0
        /// The bytes fetched from a remote source.
        package fileprivate(set) var bytesFetched: Int64 = 0
        /// The bytes sent to a remote destination.
        package fileprivate(set) var bytesSent: Int64 = 0
        /// The bytes read back.
        package fileprivate(set) var bytesVerified: Int64 = 0
        /// The layers in progress, in the order they were started.
        package fileprivate(set) var jobs: [Job] = []
        /// The finished share of the work by cost, from 0 to 1.
        package fileprivate(set) var share = 0.0
        /// The remaining seconds; nil before anything has been measured.
        package fileprivate(set) var secondsLeft: Double?
    }

    /// A layer in progress.
    package struct Job: Sendable, Equatable {
        /// The layer's image.
        package let image: V1ImageID
        /// The bytes fetched, read and sent so far.
        package fileprivate(set) var bytesDone: Int64 = 0
        /// The layer's size.
        package let byteCount: Int64
        /// The number of passes over each byte.
        package let stepCount: Int
    }

    /// The bytes read after some number of seconds.
    package struct Sample: Codable, Sendable, Equatable {
        /// The time since the start of the run, in seconds.
        package let seconds: Double
        /// The bytes read and hashed until then.
        package let bytesRead: Int64
    }

    fileprivate struct State {
        var snapshot = Snapshot()
        var forecast = Forecast()
        var samples: [Sample] = []
        var pace = Duration.milliseconds(250)
        var started = ContinuousClock.now
        var lastSample = ContinuousClock.now

        var seconds: Double { (ContinuousClock.now - started) / .seconds(1) }
    }

    fileprivate static let sampleLimit = 240
    private let state = Mutex(State())

    package init() {}

    /// The current counters.
    package var snapshot: Snapshot {
        state.withLock { state in
            var snapshot = state.snapshot
            let now = state.seconds
            snapshot.secondsLeft = state.forecast.secondsLeft(at: now)
            snapshot.share = state.forecast.share(at: now)
            return snapshot
        }
    }

    /// The bytes read over time: at most some hundred samples, evenly spread.
    package var samples: [Sample] { state.withLock { $0.samples } }

    /// - Parameters:
    ///   - checks: The amount to read back at the end, as far as it is known.
    ///   - expectedSeconds: The expected duration; nil when unknown.
    func begin(_ plan: MigrationPlan, tagCount: Int, checks: LearnedCosts.Amount, expectedSeconds: Double?) {
        state.withLock {
            $0.started = .now
            $0.lastSample = .now
            $0.snapshot.bytesToRead = plan.toHash.byteCount
            $0.snapshot.stepCount = 1 + [plan.toFetch, plan.toSend].count { $0.layerCount > 0 }
            $0.snapshot.layersToDo = plan.toHash.layerCount
            $0.snapshot.tagsToDo = tagCount
            var amount = checks
            amount.layerCount = plan.toHash.layerCount
            amount.layerByteCount = plan.toHash.byteCount
            amount.tagCount = tagCount
            $0.forecast.begin(amount, isRemote: plan.toSend.layerCount > 0, expectedSeconds: expectedSeconds)
        }
    }

    /// Sets the amount to read back, once it is known.
    func beginChecks(tagCount: Int? = nil, byteCount: Int64? = nil) {
        state.withLock { $0.forecast.beginChecks(tagCount: tagCount, byteCount: byteCount) }
    }

    func begin(_ image: V1ImageID, byteCount: Int64) {
        state.withLock { state in
            let job = Job(image: image, byteCount: byteCount, stepCount: state.snapshot.stepCount)
            state.snapshot.jobs.append(job)
            state.forecast.begin(image, byteCount: byteCount, at: state.seconds)
        }
    }

    func didRead(_ byteCount: Int, of image: V1ImageID) {
        state.withLock { state in
            state.snapshot.bytesRead += Int64(byteCount)
            state.add(byteCount, to: image)
            state.sample()
        }
    }

    func didFetch(_ byteCount: Int, of image: V1ImageID) {
        state.withLock { state in
            state.snapshot.bytesFetched += Int64(byteCount)
            state.add(byteCount, to: image)
        }
    }

    func didSend(_ byteCount: Int, of image: V1ImageID) {
        state.withLock { state in
            state.snapshot.bytesSent += Int64(byteCount)
            state.add(byteCount, to: image)
        }
    }

    func didFinish(_ image: V1ImageID) {
        state.withLock { state in
            state.snapshot.layersDone += 1
            state.snapshot.jobs.removeAll { $0.image == image }
            state.forecast.finish(image, at: state.seconds)
        }
    }

    /// Runs the work of a tag and learns its cost.
    func doingTag<Value>(_ work: () async throws -> Value) async rethrows -> Value {
        let began = state.withLock { state in
            state.forecast.beginPiece(at: state.seconds)
            return state.seconds
        }
        defer {
            state.withLock { state in
                state.snapshot.tagsDone += 1
                state.forecast.finishTag(began: began, at: state.seconds)
            }
        }
        return try await work()
    }

    /// Runs a check of a tag's documents, or of a blob of `byteCount` bytes, and learns its cost.
    func checking<Value>(byteCount: Int64? = nil, _ work: () async throws -> Value) async rethrows -> Value {
        let began = state.withLock { $0.seconds }
        defer {
            state.withLock { $0.forecast.finishCheck(byteCount: byteCount, began: began, at: $0.seconds) }
        }
        return try await work()
    }

    func didVerify(_ byteCount: Int) { state.withLock { $0.snapshot.bytesVerified += Int64(byteCount) } }
}

extension MigrationProgress.State {
    fileprivate mutating func add(_ byteCount: Int, to image: V1ImageID) {
        guard let index = snapshot.jobs.firstIndex(where: { $0.image == image }) else { return }
        snapshot.jobs[index].bytesDone += Int64(byteCount)
        let done = snapshot.jobs[index].bytesDone / Int64(snapshot.jobs[index].stepCount)
        forecast.advance(image, to: min(done, snapshot.jobs[index].byteCount))
    }

    /// Takes a sample now and then. When there are too many, drops every second one and halves the pace.
    fileprivate mutating func sample() {
        let now = ContinuousClock.now
        guard now - lastSample >= pace else { return }
        lastSample = now
        samples.append(.init(seconds: (now - started) / .seconds(1), bytesRead: snapshot.bytesRead))
        guard samples.count > MigrationProgress.sampleLimit else { return }
        samples = samples.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
        pace *= 2
    }
}
