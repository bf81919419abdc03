/// Delays login attempts after failures: the more failures, the longer the delay.
///
/// Failures are counted per address, for IPv6 per /64: a client with one address of it has all of them.
struct LoginThrottle: Sendable {
    private struct Record {
        var failures = LoginFailures()
        var last: ContinuousClock.Instant
        var waiting = 0
    }

    /// The delay after one failure; it doubles with each further one.
    static let firstDelay = Duration.milliseconds(100)
    /// The longest delay of a single attempt.
    static let longestDelay = Duration.seconds(10)
    /// The longest wait of an attempt behind others.
    static let longestWait = Duration.seconds(30)
    /// How long after its last failure an address is forgotten.
    static let memory = Duration.seconds(900)
    /// The most addresses remembered; beyond that, the oldest are forgotten.
    static let addressLimit = 10_000
    /// The most concurrent attempts of one address, failed before or not; more are refused.
    static let waitingLimit = 16

    private var records: [String: Record] = [:]

    /// Begins an attempt and returns its delay, or nil when it is refused.
    ///
    /// Concurrent attempts of one address wait one after the other.
    mutating func begin(_ address: String, now: ContinuousClock.Instant) -> Duration? {
        let key = Self.network(of: address)
        var record = records[key] ?? Record(last: now)
        if now - record.last > Self.memory { record.failures = LoginFailures() }
        guard record.waiting < Self.waitingLimit else { return nil }
        record.waiting += 1
        records[key] = record
        return min(Self.delay(after: record.failures.count) * record.waiting, Self.longestWait)
    }

    /// Ends an attempt begun with ``begin(_:now:)``.
    ///
    /// - Parameter succeeded: Whether the password was right, which forgives this user's failures only. Nil when the
    ///   attempt was not checked.
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

    /// The number of addresses remembered.
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

/// The failed logins of one address, by user.
struct LoginFailures: Sendable {
    /// The total number of failures.
    private(set) var count = 0
    /// By the hash of the user name, which can be of any length.
    private var users: [Int: Int] = [:]

    /// The most users whose failures can be forgiven; those of further users stay.
    private static let userLimit = 64

    /// Adds a failure of a user.
    mutating func add(_ user: String) {
        count += 1
        let key = user.hashValue
        if users[key] != nil || users.count < Self.userLimit { users[key, default: 0] += 1 }
    }

    /// Forgives the failures of a user.
    mutating func forgive(_ user: String) { count -= users.removeValue(forKey: user.hashValue) ?? 0 }
}
