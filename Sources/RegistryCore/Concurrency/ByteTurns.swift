import Synchronization

/// Turns by bytes: work on large documents waits until the work under way leaves as many bytes free, in the order in
/// which it came.
///
/// A document of JSON takes up to thirty times its text in memory while it is read.
package final class ByteTurns: Sendable {
    private struct State {
        var free: Int
        var waiting: [(byteCount: Int, turn: CheckedContinuation<Void, Never>)] = []
    }

    private let byteLimit: Int
    private let state: Mutex<State>

    /// - Parameter byteLimit: How many bytes may be worked on at once. Work on more has its turn when nothing else is
    ///   under way.
    package init(byteLimit: Int) {
        self.byteLimit = byteLimit
        state = Mutex(State(free: byteLimit))
    }

    /// Does `work` on a document of so many bytes when it is its turn: at once where it is small.
    package func perform<Value>(_ byteCount: Int, _ work: () async throws -> Value) async rethrows -> Value {
        guard byteCount > HeavyWork.smallDocumentByteCount else { return try await work() }
        await take(byteCount)
        defer { give(byteCount) }
        return try await work()
    }

    /// How many wait for their turn.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Waits for a turn, which ``give(_:)`` must end.
    func take(_ byteCount: Int) async {
        let wanted = min(byteCount, byteLimit)
        await withCheckedContinuation { turn in
            let isNow = state.withLock { state in
                guard state.waiting.isEmpty, state.free >= wanted else {
                    state.waiting.append((wanted, turn))
                    return false
                }
                state.free -= wanted
                return true
            }
            if isNow { turn.resume() }
        }
    }

    /// Ends a turn.
    func give(_ byteCount: Int) {
        let turns = state.withLock { state in
            state.free += min(byteCount, byteLimit)
            var count = 0
            for (byteCount, _) in state.waiting {
                guard state.free >= byteCount else { break }
                state.free -= byteCount
                count += 1
            }
            defer { state.waiting.removeFirst(count) }
            return state.waiting.prefix(count).map(\.turn)
        }
        for turn in turns { turn.resume() }
    }
}
