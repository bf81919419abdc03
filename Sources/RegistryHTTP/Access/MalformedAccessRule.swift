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
