/// When each of a limited number of things was used last.
///
/// Where there is no room for another, the one that was unused for longest gives way, once it was for an hour.
struct LimitedUses<Key: Hashable & Sendable>: Sendable {
    private var times: [Key: ContinuousClock.Instant] = [:]
    private let limit: Int

    /// How long a thing is left alone that nobody uses.
    private static var patience: Duration { .seconds(3600) }

    /// - Parameter limit: The most things at once.
    init(limit: Int) { self.limit = limit }

    /// A thing is used now.
    mutating func note(_ key: Key) { times[key] = .now }

    /// A thing is gone.
    mutating func remove(_ key: Key) { times[key] = nil }

    /// Whether a thing is known.
    func contains(_ key: Key) -> Bool { times[key] != nil }

    /// What has to go to make room for another thing; nil where there is room.
    ///
    /// - Parameters:
    ///   - count: How many more things are about to be added by others.
    ///   - things: What they are, for people: `uploads`.
    /// - Throws: ``RegistryError/unavailable(reason:)`` when somebody may be at work on all that there are.
    func displaced(beside count: Int = 0, _ things: String) throws(RegistryError) -> Key? {
        guard times.count + count >= limit else { return nil }
        guard let oldest = times.min(by: { $0.value < $1.value }), .now - oldest.value > Self.patience else {
            throw .unavailable(reason: "too many \(things) are in progress")
        }
        return oldest.key
    }
}

/// So many at a time: those who come when all slots are taken wait in line.
package actor WorkSlots {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// - Parameter count: How many may work at once.
    package init(_ count: Int) { self.free = count }

    /// Does `work` when there is a slot for it.
    package func perform<Value: Sendable>(_ work: @Sendable () async throws -> Value) async rethrows -> Value {
        if free > 0 { free -= 1 } else { await withCheckedContinuation { waiting.append($0) } }
        defer { if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() } }
        return try await work()
    }
}
