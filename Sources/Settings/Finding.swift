/// A problem in a configuration.
package struct Finding: Hashable, Sendable, CustomStringConvertible {
    /// The consequence of a finding.
    package enum Weight: Hashable, Sendable {
        /// The server does not start: it would do something other than configured.
        case refusal
        /// The server starts.
        case warning
    }

    /// The consequence of the finding.
    package let weight: Weight
    /// Whether it concerns a key of the file without effect.
    package var isKeyWithoutEffect = false
    /// A sentence with the key and its location.
    package let description: String

    static func refusal(_ sentence: String) -> Finding { Finding(weight: .refusal, description: sentence) }
    static func warning(_ sentence: String) -> Finding { Finding(weight: .warning, description: sentence) }
}
