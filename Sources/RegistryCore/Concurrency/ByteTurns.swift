import Synchronization

/// Limits concurrent work by document size: work on a large document waits, in order of arrival, until enough bytes are
/// free.
///
/// Parsing a JSON document takes up to thirty times its size in memory.
package final class ByteTurns: Sendable {
    private struct State {
        var free: Int
        var waiting: [(byteCount: Int, turn: CheckedContinuation<Void, Never>)] = []
    }

    private let byteLimit: Int
    private let state: Mutex<State>

    /// - Parameter byteLimit: The maximum number of bytes being worked on at once. Larger documents run alone.
    package init(byteLimit: Int) {
        self.byteLimit = byteLimit
        state = Mutex(State(free: byteLimit))
    }

    /// Runs `work` on a document of `byteCount` bytes when it is its turn; immediately if it is small.
    package func perform<Value>(_ byteCount: Int, _ work: () async throws -> Value) async rethrows -> Value {
        guard byteCount > HeavyWork.smallDocumentByteCount else { return try await work() }
        await take(byteCount)
        defer { give(byteCount) }
        return try await work()
    }

    /// The number of waiting callers.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Waits for a turn, which must be ended with ``give(_:)``.
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
