import RegistryCore
import SystemLibraries

/// Who sent a request, as far as it is known, and what they may do.
struct Caller: Sendable {
    /// What they may do.
    let permissions: Permissions
    /// Whether they have shown who they are, were it no one in particular.
    let isAuthenticated: Bool
    /// What their password was verified by; nil for someone without one.
    let hash: PasswordHash?

    /// Everyone, where nobody is asked who they are.
    static let unrestricted = Caller(permissions: .unlimited, isAuthenticated: true)

    /// Whoever it is as someone who pushes v1 images; nil for someone who may read everything.
    var pusher: ImagePusher? {
        if permissions.allowsEverywhere(.pull) { return nil }
        return ImagePusher(user: permissions.user ?? "") { [permissions] in permissions.allows(.pull, $0.description) }
    }

    init(permissions: Permissions, isAuthenticated: Bool, hash: PasswordHash? = nil) {
        self.permissions = permissions
        self.isAuthenticated = isAuthenticated
        self.hash = hash
    }
}
