import RegistryCore
import SystemLibraries

/// The sender of a request, as far as known, and their permissions.
package struct Caller: Sendable {
    let permissions: Permissions
    /// Whether the request carried valid credentials, even anonymous ones.
    package let isAuthenticated: Bool
    /// The hash that verified their password; nil without a password.
    let hash: PasswordHash?

    /// The name they logged in with; nil for an anonymous caller.
    package var user: String? { permissions.user }

    /// Any caller, when no access control is configured.
    static let unrestricted = Caller(permissions: .unlimited, isAuthenticated: true)

    /// The caller as a pusher of v1 images; nil for a caller who may read everything.
    var pusher: ImagePusher? {
        if permissions.allowsEverywhere(.pull) { return nil }
        return ImagePusher(user: permissions.user ?? "") { [permissions] in permissions.allows(.pull, $0.description) }
    }

    /// Whether they may perform an action on a repository, as spelled in a request.
    package func may(_ action: AccessAction, _ repository: String) -> Bool { permissions.allows(action, repository) }

    /// Whether the list of repositories shows them one of this name.
    package func lists(_ repository: String) -> Bool { permissions.lists(repository) }

    /// Whether they may list repositories at all.
    package var mayList: Bool { permissions.allowsCatalogue }

    /// Whether they may see the server's state.
    package var isOperator: Bool { permissions.allowsAdministration }

    init(permissions: Permissions, isAuthenticated: Bool, hash: PasswordHash? = nil) {
        self.permissions = permissions
        self.isAuthenticated = isAuthenticated
        self.hash = hash
    }
}
