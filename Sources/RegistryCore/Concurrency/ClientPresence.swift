import Synchronization

/// Tracks whether the client of a request is still connected, so that work nobody waits for can be cancelled.
package final class ClientPresence: Sendable {
    private struct State {
        var isGone = false
        var nextToken = 0
        var actions: [Int: @Sendable () -> Void] = [:]
    }

    /// The client of the request that the current task handles; nil outside requests.
    @TaskLocal package static var current: ClientPresence?

    private let state = Mutex(State())

    package init() {}

    /// Whether the client has disconnected.
    package var isGone: Bool { state.withLock { $0.isGone } }

    /// Records that the client has disconnected.
    package func leave() {
        let actions = state.withLock { state in
            state.isGone = true
            defer { state.actions = [:] }
            return state.actions.values
        }
        for action in actions { action() }
    }

    /// Runs `work`. Calls `action` if the client disconnects meanwhile, or immediately if it already has.
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
