import Synchronization

/// The operator's rules about tags, which can be replaced while the registry runs.
package final class TagRules: Sendable {
    /// The rules themselves.
    package struct Content: Sendable, Equatable {
        /// Which tags are immutable.
        package var immutability: [ImmutabilityRule]
        /// What repositories keep.
        package var retention: [RetentionRule]

        package init(immutability: [ImmutabilityRule] = [], retention: [RetentionRule] = []) {
            self.immutability = immutability
            self.retention = retention
        }
    }

    private let current: Mutex<Content>

    /// Begins with the rules in `content`.
    package init(_ content: Content = Content()) { current = Mutex(content) }

    /// The rules now.
    package var content: Content { current.withLock { $0 } }

    /// Replaces all rules. Requests that have been checked already are finished by the old ones.
    package func replace(with content: Content) { current.withLock { $0 = content } }

    /// The rule that makes a tag immutable, by its names in either protocol; nil if there is none.
    func protection(of tag: String, in repository: String) -> ImmutabilityRule? {
        current.withLock { content in content.immutability.first { $0.covers(tag, in: repository) } }
    }
}
