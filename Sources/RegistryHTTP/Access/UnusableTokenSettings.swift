/// Why tokens cannot be verified as the operator wants it.
package enum UnusableTokenSettings: Error, Equatable, CustomStringConvertible {
    /// There is no such algorithm, or it is none that is accepted here.
    case algorithm(String)
    /// The file holds no keys, or some that cannot be used.
    case keys(path: String, reason: String)
    /// There is neither a certificate nor a key.
    case noKeys

    package var description: String {
        switch self {
        case .algorithm(let name): "tokens cannot be verified: '\(name)' is not an algorithm that is known"
        case .keys(let path, let reason): "tokens cannot be verified: \(path): \(reason)"
        case .noKeys: "tokens cannot be verified: there is neither a certificate in rootcertbundle nor a key in jwks"
        }
    }
}
