package import RegistryCore

/// An access rule: some users may perform some actions on some repositories.
package struct AccessRule: Sendable, Equatable {
    /// Whom a rule applies to.
    package enum Subject: Sendable, Hashable {
        /// Everyone, logged in or not: `anonymous: true`.
        case everyone
        /// Every logged-in user: `*` among the users.
        case anyUser
        /// A user: one of `users`.
        case user(String)
        /// The members of a group: one of `groups`.
        case group(String)
    }

    /// Whom the rule applies to; nobody if empty.
    package let subjects: Set<Subject>
    /// The repositories that the rule applies to: `repositories`; all if empty.
    package let repositories: [RepositoryPattern]
    /// The allowed actions: `actions`.
    package let actions: Set<AccessAction>
    /// Whether the subjects are operators, who see the server's state on the web page: the action `admin`. It is not
    /// about repositories, and `*` does not include it.
    package let grantsAdministration: Bool

    package init(
        _ subjects: Set<Subject>,
        _ actions: Set<AccessAction>,
        repositories: [RepositoryPattern] = [],
        grantsAdministration: Bool = false
    ) {
        self.subjects = subjects
        self.actions = actions
        self.repositories = repositories
        self.grantsAdministration = grantsAdministration
    }

    /// What is wrong with a rule that grants `admin`; nil if nothing is.
    package var administrationProblem: MalformedAccessRule.Problem? {
        guard grantsAdministration else { return nil }
        if !repositories.isEmpty { return .administrationOfRepositories }
        return subjects.contains(.everyone) ? .administrationByEveryone : nil
    }

    /// Parses a one-line rule: `WHO ACTIONS [REPOSITORIES]`, each a comma-separated list.
    ///
    /// WHO is a user, `@GROUP`, `anonymous` for everyone, or `*` for every user; an action is `pull`, `push`,
    /// `delete`, `*` for these three, or `admin`; repositories are patterns. `ci,@release pull,push team/*`.
    /// - Throws: ``MalformedAccessRule``.
    package init(parsing text: String) throws(MalformedAccessRule) {
        let words = text.split(separator: " ")
        guard (2...3).contains(words.count) else { throw MalformedAccessRule(text: text, problem: .shape) }
        let grant: Grant
        do { grant = try Grant(words[1].split(separator: ",").map(String.init)) } catch {
            throw MalformedAccessRule(text: text, problem: .action(error.word))
        }
        let subjects = words[0].split(separator: ",").map { Self.subject(String($0)) }
        guard !subjects.isEmpty, !grant.actions.isEmpty || grant.isOfAdministration else {
            throw MalformedAccessRule(text: text, problem: .shape)
        }
        let patterns = words.count > 2 ? words[2].split(separator: ",") : []
        guard words.count == 2 || !patterns.isEmpty else { throw MalformedAccessRule(text: text, problem: .shape) }
        self.init(
            Set(subjects),
            grant.actions,
            repositories: patterns.map { RepositoryPattern(String($0)) },
            grantsAdministration: grant.isOfAdministration
        )
        if let problem = administrationProblem { throw MalformedAccessRule(text: text, problem: problem) }
    }

    /// What the action words of a rule allow.
    package struct Grant: Sendable {
        /// The actions on repositories: those named, or all for `*`.
        package private(set) var actions: Set<AccessAction> = []
        /// Whether one of the words is `admin`.
        package private(set) var isOfAdministration = false

        /// - Throws: ``UnknownAction`` for the first word that is no action.
        package init(_ words: [String]) throws(UnknownAction) {
            for word in words {
                if word == "admin" {
                    isOfAdministration = true
                } else if word == "*" {
                    actions.formUnion(AccessAction.allCases)
                } else if let action = AccessAction(rawValue: word) {
                    actions.insert(action)
                } else {
                    throw UnknownAction(word: word)
                }
            }
        }
    }

    /// A word that is no action.
    package struct UnknownAction: Error {
        package let word: String
    }

    private static func subject(_ word: String) -> Subject {
        switch word {
        case "anonymous": .everyone
        case "*": .anyUser
        default: word.hasPrefix("@") ? .group(String(word.dropFirst())) : .user(word)
        }
    }
}

/// Text that is not a valid rule.
package struct MalformedAccessRule: Error, Equatable, CustomStringConvertible {
    /// What is wrong with it.
    package enum Problem: Sendable, Equatable {
        /// It does not have two or three words.
        case shape
        /// It names an unknown action.
        case action(String)
        /// It grants `admin` on repositories.
        case administrationOfRepositories
        /// It grants `admin` to callers without a login.
        case administrationByEveryone

        /// The problem, as the end of a sentence.
        package var reason: String {
            switch self {
            case .shape: "it must have two or three words"
            case .action(let word): "unknown action '\(word)', use pull, push, delete, admin or *"
            case .administrationOfRepositories: "admin is not about repositories: write another rule without them"
            case .administrationByEveryone: "admin is for users and groups, not for anonymous clients"
            }
        }
    }

    /// The malformed text.
    package let text: String
    /// What is wrong with it.
    package let problem: Problem

    package var description: String {
        switch problem {
        case .shape: "'\(text)' is not a rule such as 'ci,@release pull,push team/*'"
        case .action, .administrationOfRepositories, .administrationByEveryone:
            "'\(text)' is not a rule: \(problem.reason)"
        }
    }
}
