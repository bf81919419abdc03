/// Why there is no key, or no signature by it.
package enum KeyError: Error, Equatable, CustomStringConvertible {
    /// The text holds no private key in PEM, or one that is locked by a passphrase.
    case malformedPEM
    /// It is a key of another kind than is needed.
    case wrongKind
    /// The coordinates are not those of a point on the curve.
    case notAPoint
    /// libcrypto did not do what it does unless there is no memory or no randomness.
    case libraryFailure(call: String)

    package var description: String {
        switch self {
        case .malformedPEM: "there is no readable private key in PEM"
        case .wrongKind: "the key is of another kind than is needed"
        case .notAPoint: "the coordinates are not a point of the curve P-256"
        case .libraryFailure(let call): "\(call) of libcrypto failed"
        }
    }
}
