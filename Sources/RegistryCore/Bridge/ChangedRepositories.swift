import Synchronization

/// The repositories whose tags this server has changed, until somebody who keeps an index has taken note.
final class ChangedRepositories: Sendable {
    private let names = Mutex<Set<V1RepositoryName>>([])

    /// A tag of a repository was changed.
    func note(_ name: V1RepositoryName?) {
        guard let name else { return }
        names.withLock { _ = $0.insert(name) }
    }

    /// Those that were changed since the last call.
    func take() -> Set<V1RepositoryName> {
        names.withLock { names in
            defer { names = [] }
            return names
        }
    }
}
