import SystemLibraries

/// The credentials that were wrong lately: to try the same again tells nobody anything, and costs nothing.
///
/// They are wrong as long as the file has the hash of that user that they were tried against.
struct RefusedPairs: Sendable {
    private struct Pair {
        let user: String
        let hash: PasswordHash?
        let refused: ContinuousClock.Instant
    }

    /// How long a pair is remembered.
    private static let lifetime = Duration.seconds(60)
    /// How many pairs are remembered at most.
    private static let limit = 10_000

    private var pairs: [KeyedHash.Code: Pair] = [:]

    /// Whether these credentials were wrong lately, and are so still.
    ///
    /// - Parameter hash: What the file has of the user now.
    func contains(_ code: KeyedHash.Code, _ user: String, _ hash: PasswordHash?, now: ContinuousClock.Instant) -> Bool {
        guard let pair = pairs[code] else { return false }
        return pair.user == user && pair.hash == hash && now - pair.refused < Self.lifetime
    }

    /// Remembers credentials that were wrong.
    mutating func keep(_ code: KeyedHash.Code, _ user: String, _ hash: PasswordHash?, now: ContinuousClock.Instant) {
        if pairs.count >= Self.limit { pairs.removeAll() }
        pairs[code] = Pair(user: user, hash: hash, refused: now)
    }
}
