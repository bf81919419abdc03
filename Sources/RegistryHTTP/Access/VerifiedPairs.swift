import SystemLibraries

/// Recently verified credentials, so that slow hashing does not limit the rate of requests.
///
/// They are stored as keyed hashes of the credentials and of the headers they came in, never as passwords. A pair is
/// valid while the file has the hash it was verified against.
struct VerifiedPairs: Sendable {
    /// The user and the hash that matched.
    struct Pair: Sendable, Equatable {
        let user: String
        let hash: PasswordHash
        let verified: ContinuousClock.Instant
    }

    /// How long a pair is remembered.
    static let lifetime = Duration.seconds(300)
    /// The most pairs remembered.
    static let limit = 10_000

    private var pairs: [KeyedHash.Code: Pair] = [:]

    /// The pair verified with these credentials, unless the user's hash in the file has changed.
    func pair(for code: KeyedHash.Code, in document: HtpasswdDocument, now: ContinuousClock.Instant) -> Pair? {
        guard let pair = pairs[code], now - pair.verified < Self.lifetime, document.users[pair.user] == pair.hash else {
            return nil
        }
        return pair
    }

    mutating func keep(_ pair: Pair, for code: KeyedHash.Code, now: ContinuousClock.Instant) {
        if pairs.count >= Self.limit { pairs = pairs.filter { now - $0.value.verified < Self.lifetime } }
        if pairs.count >= Self.limit { pairs.removeAll() }
        pairs[code] = pair
    }
}
