import SystemLibraries

/// Credentials that recently failed. Repeating the same attempt reveals nothing, so it is refused without hashing.
///
/// They stay refused while the file has the same hash for the user.
struct RefusedPairs: Sendable {
    private struct Pair {
        let user: String
        let hash: PasswordHash?
        let refused: ContinuousClock.Instant
    }

    /// How long a pair is remembered.
    private static let lifetime = Duration.seconds(60)
    /// The most pairs remembered.
    private static let limit = 10_000

    private var pairs: [KeyedHash.Code: Pair] = [:]

    /// Whether these credentials recently failed and still would.
    ///
    /// - Parameter hash: The user's current hash in the file.
    func contains(_ code: KeyedHash.Code, _ user: String, _ hash: PasswordHash?, now: ContinuousClock.Instant) -> Bool {
        guard let pair = pairs[code] else { return false }
        return pair.user == user && pair.hash == hash && now - pair.refused < Self.lifetime
    }

    /// Remembers failed credentials.
    mutating func keep(_ code: KeyedHash.Code, _ user: String, _ hash: PasswordHash?, now: ContinuousClock.Instant) {
        if pairs.count >= Self.limit { pairs.removeAll() }
        pairs[code] = Pair(user: user, hash: hash, refused: now)
    }
}
