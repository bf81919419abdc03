import SystemLibraries

/// The credentials that were verified lately, so that a slow hash bounds nobody's rate of requests.
///
/// Known by a keyed hash, of themselves and of the headers that they came in; the password itself is nowhere. A pair is
/// good as long as the file has the hash that it was verified against.
struct VerifiedPairs: Sendable {
    /// Who it was, and by which hash.
    struct Pair: Sendable, Equatable {
        let user: String
        let hash: PasswordHash
        let verified: ContinuousClock.Instant
    }

    /// How long a pair is remembered.
    static let lifetime = Duration.seconds(300)
    /// How many pairs are remembered at most.
    static let limit = 10_000

    private var pairs: [KeyedHash.Code: Pair] = [:]

    /// The pair that was verified with these credentials, unless the file has another hash of that user now.
    func pair(for code: KeyedHash.Code, in document: HtpasswdDocument, now: ContinuousClock.Instant) -> Pair? {
        guard let pair = pairs[code], now - pair.verified < Self.lifetime, document.users[pair.user] == pair.hash else {
            return nil
        }
        return pair
    }

    /// Remembers a pair.
    mutating func keep(_ pair: Pair, for code: KeyedHash.Code, now: ContinuousClock.Instant) {
        if pairs.count >= Self.limit { pairs = pairs.filter { now - $0.value.verified < Self.lifetime } }
        if pairs.count >= Self.limit { pairs.removeAll() }
        pairs[code] = pair
    }
}
