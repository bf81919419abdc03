/// One line of the list of who may do what: some people may do some things with some repositories.
package struct AccessRule: Sendable, Equatable {
    /// Whom a rule speaks of.
    package enum Subject: Sendable, Hashable {
        /// Everyone, logged in or not: `anonymous: true`.
        case everyone
        /// Everyone who is logged in: `*` among the users.
        case anyUser
        /// A user: one of `users`.
        case user(String)
        /// The members of a group: one of `groups`.
        case group(String)
    }

    /// Whom it speaks of: nobody where there is none.
    package let subjects: Set<Subject>
    /// The repositories that it speaks of: `repositories`; none stand for all.
    package let repositories: [RepositoryPattern]
    /// What they may do: `actions`.
    package let actions: Set<AccessAction>

    package init(_ subjects: Set<Subject>, _ actions: Set<AccessAction>, repositories: [RepositoryPattern] = []) {
        self.subjects = subjects
        self.actions = actions
        self.repositories = repositories
    }

    /// Parses a rule in one line: `WHO ACTIONS [REPOSITORIES]`, each a list with commas.
    ///
    /// Who is a user, `@GROUP`, `anonymous` for everyone, or `*` for every user; an action is `pull`, `push`, `delete` or
    /// `*`; repositories are patterns. `ci,@release pull,push team/*`.
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

    /// The actions that a word names: one, or all for `*`; nil for a word that names none.
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

/// A text that is not the rule it should be.
package struct MalformedAccessRule: Error, Equatable, CustomStringConvertible {
    /// What is wrong with it.
    package enum Problem: Sendable, Equatable {
        /// It has not two or three words.
        case shape
        /// It names an action that there is not.
        case action(String)
    }

    /// What arrived.
    package let text: String
    /// What is wrong with it.
    package let problem: Problem

    package var description: String {
        switch problem {
        case .shape: "'\(text)' is not a rule such as 'ci,@release pull,push team/*'"
        case .action(let word): "'\(text)' is not a rule: there is no action '\(word)', only pull, push, delete and *"
        }
    }
}
