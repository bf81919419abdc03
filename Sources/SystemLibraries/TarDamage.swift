/// Why bytes are not a tar.
package enum TarDamage: Error, Equatable, CustomStringConvertible {
    /// A header is not one, or says what cannot be.
    case notTar(reason: String)
    /// The bytes end inside of a header or of a file.
    case truncated

    package var description: String {
        switch self {
        case .notTar(let reason): "not a tar: \(reason)"
        case .truncated: "the tar ends too early"
        }
    }
}
