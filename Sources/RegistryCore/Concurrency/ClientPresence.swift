import Synchronization

/// Whether the client of a request is still there: work that nobody waits for any more is given up.
package final class ClientPresence: Sendable {
    private struct State {
        var isGone = false
        var nextToken = 0
        var actions: [Int: @Sendable () -> Void] = [:]
    }

    /// That of the request that the current task answers; nil for work that belongs to no request.
    @TaskLocal package static var current: ClientPresence?

    private let state = Mutex(State())

    package init() {}

    /// Whether the client's connection has ended.
    package var isGone: Bool { state.withLock { $0.isGone } }

    /// The client's connection has ended.
    package func leave() {
        let actions = state.withLock { state in
            state.isGone = true
            defer { state.actions = [:] }
            return state.actions.values
        }
        for action in actions { action() }
    }

    /// Runs `action` when the client leaves, or at once when it has left, while `work` is under way.
    func whileWaiting<Value>(
        whenGone action: @escaping @Sendable () -> Void,
        _ work: () async throws -> Value
    ) async rethrows -> Value {
        let token: Int? = state.withLock { state in
            guard !state.isGone else { return nil }
            state.nextToken += 1
            state.actions[state.nextToken] = action
            return state.nextToken
        }
        if token == nil { action() }
        defer {
            if let token { state.withLock { $0.actions[token] = nil } }
        }
        return try await work()
    }
}
