import Synchronization

/// The access rules by user: usually few of them apply to any one user.
final class RuleCache: Sendable {
    private struct Reader: Hashable {
        let user: String?
        let groups: Set<String>
    }

    /// The most users remembered.
    private static let limit = 10_000

    private let rules: AccessRules
    private let pages = Mutex<[Reader: [AccessRule]]>([:])

    init(_ rules: AccessRules) { self.rules = rules }

    /// The rules that apply to a user.
    func rules(for user: String?, in groups: Set<String>) -> [AccessRule] {
        let reader = Reader(user: user, groups: groups)
        if let page = pages.withLock({ $0[reader] }) { return page }
        let page = rules.rules(for: user, in: groups)
        pages.withLock { pages in
            if pages.count >= Self.limit { pages.removeAll() }
            pages[reader] = page
        }
        return page
    }
}
