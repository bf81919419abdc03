/// `auth.htpasswd`: users and their passwords stand in a file.
package struct HtpasswdSettings: Sendable, Equatable {
    /// What clients show when they ask for a password: `realm`.
    package var realm: String
    /// The file, in any form that Apache's htpasswd writes: `path`. It is read again when it changes. Where it is missing
    /// nobody can log in, until it is there.
    package var path: String

    package init(realm: String, path: String) {
        self.realm = realm
        self.path = path
    }
}
