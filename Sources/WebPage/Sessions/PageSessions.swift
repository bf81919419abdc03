import RegistryHTTP
import Synchronization
import SystemLibraries

/// The people who are signed in, in memory: a restart signs everybody out.
final class PageSessions: Sendable {
    private struct Session {
        let user: SignedInUser
        let began: ContinuousClock.Instant
        var used: ContinuousClock.Instant
    }

    /// The most sessions; beyond it, the one used longest ago ends.
    static let limit = 4096
    /// The most sessions of one user.
    static let userLimit = 16
    /// How long a session lasts without a request.
    static let idleTime = Duration.seconds(2 * 3600)
    /// How long a session lasts at most.
    static let lifetime = Duration.seconds(12 * 3600)

    private let sessions = Mutex<[String: Session]>([:])
    private let now: @Sendable () -> ContinuousClock.Instant

    init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) { self.now = now }

    /// Begins a session, and returns its identifier.
    func begin(for user: SignedInUser) -> String {
        let identifier = Self.identifier()
        let now = now()
        sessions.withLock { sessions in
            sessions = sessions.filter { !Self.isOver($0.value, now) }
            let own = sessions.filter { $0.value.user.name == user.name }
            if own.count >= Self.userLimit { sessions[Self.oldest(own)] = nil }
            if sessions.count >= Self.limit { sessions[Self.oldest(sessions)] = nil }
            sessions[identifier] = Session(user: user, began: now, used: now)
        }
        return identifier
    }

    /// The user of a session; nil if it ended or never existed.
    func user(of identifier: String) -> SignedInUser? {
        let now = now()
        return sessions.withLock { sessions in
            guard let session = sessions[identifier] else { return nil }
            guard !Self.isOver(session, now) else {
                sessions[identifier] = nil
                return nil
            }
            sessions[identifier]?.used = now
            return session.user
        }
    }

    /// Ends a session.
    func end(_ identifier: String) { sessions.withLock { $0[identifier] = nil } }

    /// The number of sessions.
    var count: Int { sessions.withLock(\.count) }

    /// A new identifier: 256 random bits.
    static func identifier() -> String {
        var generator = SystemRandomNumberGenerator()
        return Base64URL.encode((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    private static func isOver(_ session: Session, _ now: ContinuousClock.Instant) -> Bool {
        now - session.used > idleTime || now - session.began > lifetime
    }

    private static func oldest(_ sessions: [String: Session]) -> String {
        sessions.min { $0.value.used < $1.value.used }?.key ?? ""
    }
}
