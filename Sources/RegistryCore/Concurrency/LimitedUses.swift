/// Tracks when each of a limited number of things was last used.
///
/// When there is no room for another, the least recently used one is displaced, if it has been unused for an hour.
struct LimitedUses<Key: Hashable & Sendable>: Sendable {
    private var times: [Key: ContinuousClock.Instant] = [:]
    private let limit: Int

    /// How long an unused thing is protected.
    private static var patience: Duration { .seconds(3600) }

    /// - Parameter limit: The maximum number of things.
    init(limit: Int) { self.limit = limit }

    /// Records that a thing is used now.
    mutating func note(_ key: Key) { times[key] = .now }

    /// Forgets a thing.
    mutating func remove(_ key: Key) { times[key] = nil }

    /// Whether a thing is tracked.
    func contains(_ key: Key) -> Bool { times[key] != nil }

    /// The thing to remove to make room for another; nil if there is room.
    ///
    /// - Parameters:
    ///   - count: The number of other things that are about to be added.
    ///   - things: Their name in the error message: `uploads`.
    /// - Throws: ``RegistryError/unavailable(reason:)`` if all of them may still be in use.
    func displaced(beside count: Int = 0, _ things: String) throws(RegistryError) -> Key? {
        guard times.count + count >= limit else { return nil }
        guard let oldest = times.min(by: { $0.value < $1.value }), .now - oldest.value > Self.patience else {
            throw .unavailable(reason: "too many \(things) are in progress")
        }
        return oldest.key
    }
}

/// Limits concurrency: callers wait in line when all slots are taken.
package actor WorkSlots {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// - Parameter count: The number of slots.
    package init(_ count: Int) { self.free = count }

    /// Runs `work` when a slot is free.
    package func perform<Value: Sendable>(_ work: @Sendable () async throws -> Value) async rethrows -> Value {
        if free > 0 { free -= 1 } else { await withCheckedContinuation { waiting.append($0) } }
        defer { if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() } }
        return try await work()
    }
}
