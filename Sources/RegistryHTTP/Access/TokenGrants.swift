/// The permissions in a token of another service: the claim `access`.
///
/// Docker Registry token authentication, "Token Authentication Implementation".
struct TokenGrants: Sendable, Equatable {
    /// An entry of the claim.
    struct Entry: Sendable, Equatable {
        /// `repository` or `registry`.
        let type: String
        /// The name of the resource.
        let name: String
        /// `pull`, `push`, `delete`; `*` for all of them.
        let actions: Set<String>

        fileprivate func allows(_ action: AccessAction) -> Bool {
            actions.contains(action.rawValue) || actions.contains("*")
        }
    }

    private let entries: [Entry]

    init(_ entries: [Entry]) { self.entries = entries }

    /// Whether repositories may be listed.
    var allowsCatalogue: Bool {
        entries.contains { $0.type == "registry" && $0.name == "catalog" && $0.actions.contains("*") }
    }

    /// Whether an action on a repository is allowed. The name is compared literally: tokens have no patterns.
    func allows(_ action: AccessAction, _ repository: String) -> Bool {
        entries.contains { entry in
            entry.type == "repository" && entry.name == repository && entry.allows(action)
        }
    }

    /// Whether an action on any repository is allowed.
    func allowsSomewhere(_ action: AccessAction) -> Bool {
        entries.contains { $0.type == "repository" && $0.allows(action) }
    }
}
