package import SystemLibraries

extension HtpasswdDocument {
    /// The hash by which a password lets a user in; nil when it does not.
    ///
    /// Where there is no such user, or one whose hash is cheaper than others', the costliest hash of the file is worked out
    /// too: the time does not tell who is a user.
    package func hash(letting user: String, inBy password: [UInt8]) -> PasswordHash? {
        let hash = users[user] ?? nil
        if let hash, hash.matches(password) { return hash }
        if let costliest, costliest.effort != hash?.effort { _ = costliest.matches(password) }
        return nil
    }

    private var costliest: PasswordHash? {
        users.values.compactMap(\.self).max { $0.effort < $1.effort }
    }
}
