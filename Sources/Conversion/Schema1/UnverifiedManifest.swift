package import ImageModel
package import SystemLibraries

/// The reason why the signatures of a schema1 manifest are invalid.
package enum UnverifiedManifest: Error, Equatable, CustomStringConvertible {
    /// The manifest is not JSON.
    case notJSON(JSONSyntaxError)
    /// A field is absent or invalid: `signatures[0].protected`.
    case malformed(field: String, reason: String)
    /// Two signatures disagree about which bytes are signed.
    case conflictingFormats
    /// The manifest's content differs from the signed bytes.
    case unsignedContent
    /// A signature uses a certificate chain (`x5c`), for which no trust roots exist here.
    case certificateChain(index: Int)
    /// There are more signatures than the limit.
    case tooManySignatures(limit: Int)
    /// A signature uses an algorithm unknown to libtrust.
    case unsupportedAlgorithm(index: Int, String)
    /// A signature's key is invalid.
    case malformedKey(index: Int, KeyError)
    /// A signature does not match the content.
    case wrongSignature(index: Int)
    /// libcrypto failed to verify or sign.
    case unavailable(KeyError)

    package var description: String {
        switch self {
        case .notJSON(let error): "the manifest is \(error)"
        case .malformed(let field, let reason): "\(field) \(reason)"
        case .conflictingFormats: "its signatures disagree about which bytes are signed"
        case .unsignedContent: "it has content that is not signed"
        case .certificateChain(let index): "signature \(index) uses a certificate chain, which is not supported"
        case .tooManySignatures(let limit): "it has more than \(limit) signatures"
        case .unsupportedAlgorithm(let index, let name):
            "signature \(index) uses '\(name)'; supported are RS256, RS384, RS512, ES256, ES384 and ES512"
        case .malformedKey(let index, let error): "the key of signature \(index) is invalid: \(error)"
        case .wrongSignature(let index): "signature \(index) does not match the content"
        case .unavailable(let error): "\(error)"
        }
    }
}
