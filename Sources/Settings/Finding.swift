/// Something about a configuration that its author should know.
package struct Finding: Hashable, Sendable, CustomStringConvertible {
    /// What follows from it.
    package enum Weight: Hashable, Sendable {
        /// The server does not start: it would serve something else than what was asked for.
        case refusal
        /// The server starts.
        case warning
    }

    /// What follows from it.
    package let weight: Weight
    /// Whether it is about a key of the file that changes nothing.
    package var isKeyWithoutEffect = false
    /// A sentence that names the key and where it was written.
    package let description: String

    static func refusal(_ sentence: String) -> Finding { Finding(weight: .refusal, description: sentence) }
    static func warning(_ sentence: String) -> Finding { Finding(weight: .warning, description: sentence) }
}
