import ImageModel
import Synchronization

/// Content that clients were recently told is present: a push may rely on it for as long as the grace.
///
/// Stored as bits, in constant memory: unused content may count as used, but never the reverse. While no collection is
/// expected, it costs writes nothing.
package final class RecentUses: Sendable {
    private struct State {
        /// The bits of the current time span, followed by those of earlier ones.
        var generations: [[UInt64]] = []
        var began = ContinuousClock.now
        var span = Duration.zero
    }

    private static let bitCount = 1 << 24
    private static let generationCount = 3

    private let kept = Atomic(false)
    private let state = Mutex(State())

    init() {}

    /// Whether uses are recorded.
    package var isKept: Bool { kept.load(ordering: .relaxed) }

    /// Half of the time for which uses count; zero while none are recorded.
    var span: Duration { state.withLock { $0.span } }

    /// Records uses from now on, each for at least `grace`.
    package func keep(for grace: Duration) {
        guard grace > .zero else { return }
        state.withLock { state in
            state.span = grace / 2
            guard state.generations.isEmpty else { return }
            state.generations = [[UInt64](repeating: 0, count: Self.bitCount / 64)]
            state.began = .now
        }
        kept.store(true, ordering: .relaxed)
    }

    /// Records that content was used.
    func note(_ content: some Sequence<Digest>) {
        guard isKept else { return }
        state.withLock { state in
            Self.advance(&state)
            for digest in content {
                let bit = Self.bit(of: digest)
                state.generations[0][bit >> 6] |= 1 << UInt64(bit & 63)
            }
        }
    }

    /// Whether content may have been used within the grace.
    func contains(_ digest: Digest) -> Bool {
        guard isKept else { return false }
        let bit = Self.bit(of: digest)
        return state.withLock { state in
            Self.advance(&state)
            return state.generations.contains { $0[bit >> 6] & 1 << UInt64(bit & 63) != 0 }
        }
    }

    private static func advance(_ state: inout State) {
        while ContinuousClock.now - state.began >= state.span {
            let isLongAgo = ContinuousClock.now - state.began >= state.span * (generationCount + 1)
            state.generations.insert([UInt64](repeating: 0, count: bitCount / 64), at: 0)
            if state.generations.count > generationCount { state.generations.removeLast() }
            if isLongAgo {
                state.generations = [state.generations[0]]
                state.began = .now
            } else {
                state.began += state.span
            }
        }
    }

    private static func bit(of digest: Digest) -> Int { digest.hashValue & (bitCount - 1) }
}
