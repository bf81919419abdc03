/// An action on a repository that a request needs to be allowed.
struct AccessNeed: Equatable, Sendable {
    let action: AccessAction
    /// The repository, as the request spells it.
    let repository: String
}
