import Synchronization

/// The progress of a verification, and the rate at which it reads.
package final class VerificationProgress: Sendable {
    private let state = Mutex(VerificationState())
    /// When the next piece may be read.
    private let next = Mutex(ContinuousClock.now)
    private let byteRate: Int64?

    /// - Parameter byteRate: The maximum number of bytes to read per second; nil for no limit.
    package init(byteRate: Int64? = nil) { self.byteRate = byteRate.map { max($0, 1) } }

    /// The progress so far.
    package var snapshot: VerificationState { state.withLock { $0 } }

    /// Begins a part.
    func begin(_ part: VerificationState.Part) {
        state.withLock { ($0.part, $0.fraction) = (part, 0) }
    }

    /// Records that `count` of `total` pieces of the part are done.
    func reach(_ count: Int, of total: Int) {
        state.withLock { $0.fraction = total > 0 ? Double(count) / Double(total) : 1 }
    }

    /// Records another damaged object.
    func noteFinding() { state.withLock { $0.findingCount += 1 } }

    /// Records that bytes were read, and waits until more may be.
    func take(_ byteCount: Int) async throws {
        let isTurn = state.withLock { state in
            let before = state.byteCount
            state.byteCount += Int64(byteCount)
            return before >> 20 != state.byteCount >> 20
        }
        guard byteRate == nil else { return try await pace(byteCount) }
        try Task.checkCancellation()
        // Other work on the same threads has its turn.
        if isTurn { await Task.yield() }
    }

    /// Waits until as much more may be read, if there is a limit.
    func pace(_ byteCount: Int) async throws {
        guard let byteRate else { return }
        let now = ContinuousClock.now
        let pause = Duration.seconds(Double(byteCount) / Double(byteRate))
        let time = next.withLock { next in
            next = max(next, now) + pause
            return next
        }
        try await Task.sleep(until: time, clock: .continuous)
    }
}

/// The damage found so far. Its number is limited: a report of a registry that lost everything must still fit into
/// memory.
final class DamageList: Sendable {
    private struct State {
        var findings: [DamageFinding] = []
        var known: Set<Int> = []
        var omittedCount = 0
    }

    /// The maximum number of damaged objects in a report.
    static let limit = 50_000

    private let state = Mutex(State())
    private let progress: VerificationProgress

    init(_ progress: VerificationProgress) { self.progress = progress }

    /// The damage, and the number of damaged objects beyond the limit.
    var all: (findings: [DamageFinding], omittedCount: Int) { state.withLock { ($0.findings, $0.omittedCount) } }

    /// Adds damage; the same damage counts once.
    func add(_ finding: DamageFinding) {
        let isNew = state.withLock { state in
            guard state.known.insert(finding.identity).inserted else { return false }
            if state.findings.count < Self.limit { state.findings.append(finding) } else { state.omittedCount += 1 }
            return true
        }
        if isNew { progress.noteFinding() }
    }
}

extension DamageFinding {
    /// Distinguishes damage from other damage, whatever the details.
    var identity: Int {
        var hasher = Hasher()
        hasher.combine(kind)
        hasher.combine(key)
        return hasher.finalize()
    }
}
