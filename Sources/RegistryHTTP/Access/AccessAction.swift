/// What may be done with a repository, in the words of registry:2's tokens.
package enum AccessAction: String, Sendable, CaseIterable {
    /// To see that it is there, and to read what it holds.
    case pull
    /// To add to it. Whoever pushes also reads: every push needs ``pull`` too.
    case push
    /// To take out of it.
    case delete
}
