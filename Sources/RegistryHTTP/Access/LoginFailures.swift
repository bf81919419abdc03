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
