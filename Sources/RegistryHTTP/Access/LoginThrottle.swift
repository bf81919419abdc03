/// How long whoever has failed to log in waits before the next attempt: the longer, the more often it failed.
///
/// Counted for each address, of IPv6 for each /64: whoever has one address there has all of them.
struct LoginThrottle: Sendable {
    private struct Record {
        var failures = LoginFailures()
        var last: ContinuousClock.Instant
        var waiting = 0
    }

    /// The wait after one failure; it doubles with each further one.
    static let firstDelay = Duration.milliseconds(100)
    /// The longest wait of one alone.
    static let longestDelay = Duration.seconds(10)
    /// The longest wait of one in a line.
    static let longestWait = Duration.seconds(30)
    /// How long after its last failure an address starts anew.
    static let memory = Duration.seconds(900)
    /// How many addresses are known at most; of more, the oldest are forgotten.
    static let addressLimit = 10_000
    /// How many attempts of one address may go on at once, whether it has failed or not; more are refused.
    static let waitingLimit = 16

    private var records: [String: Record] = [:]

    /// Begins an attempt: how long it waits before it is looked at, or nil when it is refused.
    ///
    /// Attempts of one address that wait at the same time wait one after the other.
    mutating func begin(_ address: String, now: ContinuousClock.Instant) -> Duration? {
        let key = Self.network(of: address)
        var record = records[key] ?? Record(last: now)
        if now - record.last > Self.memory { record.failures = LoginFailures() }
        guard record.waiting < Self.waitingLimit else { return nil }
        record.waiting += 1
        records[key] = record
        return min(Self.delay(after: record.failures.count) * record.waiting, Self.longestWait)
    }

    /// Ends an attempt that ``begin(_:now:)`` has begun.
    ///
    /// - Parameter succeeded: Whether the password was right: then this user's failures are forgotten, and nobody else's.
    ///   Nil when it was not looked at.
    mutating func end(_ address: String, _ user: String, succeeded: Bool?, now: ContinuousClock.Instant) {
        let key = Self.network(of: address)
        var record = records[key] ?? Record(last: now)
        record.waiting = max(0, record.waiting - 1)
        switch succeeded {
        case true?: record.failures.forgive(user)
        case false?:
            record.failures.add(user)
            record.last = now
        case nil: break
        }
        records[key] = record.waiting == 0 && record.failures.count == 0 ? nil : record
        forgetOldest()
    }

    /// How many addresses are known.
    var addressCount: Int { records.count }

    static func delay(after failureCount: Int) -> Duration {
        guard failureCount > 0 else { return .zero }
        return min(firstDelay * (1 << min(failureCount - 1, 10)), longestDelay)
    }

    private mutating func forgetOldest() {
        guard records.count > Self.addressLimit else { return }
        let dates = records.values.map(\.last).sorted()
        let limit = dates[dates.count / 10]
        records = records.filter { $0.value.last > limit || $0.value.waiting > 0 }
    }

    private static func network(of address: String) -> String { IPAddress(address)?.network ?? address }
}

/// How often it failed to log in from one address, as which users.
struct LoginFailures: Sendable {
    /// How often, whoever it was as.
    private(set) var count = 0
    /// By the hash of the user's name, which is as long as whoever sends it likes.
    private var users: [Int: Int] = [:]

    /// How many users' failures can be forgotten; those of more stay.
    private static let userLimit = 64

    /// Notes one as a user.
    mutating func add(_ user: String) {
        count += 1
        let key = user.hashValue
        if users[key] != nil || users.count < Self.userLimit { users[key, default: 0] += 1 }
    }

    /// Forgets a user's.
    mutating func forgive(_ user: String) { count -= users.removeValue(forKey: user.hashValue) ?? 0 }
}
