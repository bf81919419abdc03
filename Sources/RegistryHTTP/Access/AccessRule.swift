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

    package init(_ subjects: Set<Subject>, _ actions: Set<AccessAction>, repositories: [RepositoryPattern] = []) {
        self.subjects = subjects
        self.actions = actions
        self.repositories = repositories
    }

    /// Parses a one-line rule: `WHO ACTIONS [REPOSITORIES]`, each a comma-separated list.
    ///
    /// WHO is a user, `@GROUP`, `anonymous` for everyone, or `*` for every user; an action is `pull`, `push`, `delete`
    /// or `*`; repositories are patterns. `ci,@release pull,push team/*`.
    /// - Throws: ``MalformedAccessRule``.
    package init(parsing text: String) throws(MalformedAccessRule) {
        let words = text.split(separator: " ")
        guard (2...3).contains(words.count) else { throw MalformedAccessRule(text: text, problem: .shape) }
        var actions: Set<AccessAction> = []
        for word in words[1].split(separator: ",") {
            guard let named = Self.actions(named: String(word)) else {
                throw MalformedAccessRule(text: text, problem: .action(String(word)))
            }
            actions.formUnion(named)
        }
        let subjects = words[0].split(separator: ",").map { Self.subject(String($0)) }
        guard !subjects.isEmpty, !actions.isEmpty else { throw MalformedAccessRule(text: text, problem: .shape) }
        let patterns = words.count > 2 ? words[2].split(separator: ",") : []
        guard words.count == 2 || !patterns.isEmpty else { throw MalformedAccessRule(text: text, problem: .shape) }
        self.init(Set(subjects), actions, repositories: patterns.map { RepositoryPattern(String($0)) })
    }

    /// The actions for a word: one, or all for `*`; nil for an unknown word.
    package static func actions(named word: String) -> Set<AccessAction>? {
        word == "*" ? Set(AccessAction.allCases) : AccessAction(rawValue: word).map { [$0] }
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
    }

    /// The malformed text.
    package let text: String
    /// What is wrong with it.
    package let problem: Problem

    package var description: String {
        switch problem {
        case .shape: "'\(text)' is not a rule such as 'ci,@release pull,push team/*'"
        case .action(let word): "'\(text)' is not a rule: unknown action '\(word)', use pull, push, delete or *"
        }
    }
}
