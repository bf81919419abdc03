package import ImageModel
package import SystemLibraries

/// Why the signatures of a schema1 manifest do not hold.
package enum UnverifiedManifest: Error, Equatable, CustomStringConvertible {
    /// The manifest is not JSON.
    case notJSON(JSONSyntaxError)
    /// A field is absent, or is not what it must be: `signatures[0].protected`.
    case malformed(field: String, reason: String)
    /// Two signatures disagree about which bytes are signed.
    case conflictingFormats
    /// The manifest says something that the signed bytes do not say, or says it otherwise.
    case unsignedContent
    /// A signature is by a chain of certificates (`x5c`), for which there is nobody to trust here.
    case certificateChain(index: Int)
    /// There are more signatures than are verified.
    case tooManySignatures(limit: Int)
    /// A signature is of an algorithm that libtrust does not know.
    case unsupportedAlgorithm(index: Int, String)
    /// A signature's key is none.
    case malformedKey(index: Int, KeyError)
    /// A signature is not its key's for these bytes.
    case wrongSignature(index: Int)
    /// The library could not verify or sign.
    case unavailable(KeyError)

    package var description: String {
        switch self {
        case .notJSON(let error): "the manifest is \(error)"
        case .malformed(let field, let reason): "\(field) \(reason)"
        case .conflictingFormats: "its signatures disagree about which bytes are signed"
        case .unsignedContent: "it says something that is not signed"
        case .certificateChain(let index): "signature \(index) is by a chain of certificates, which is not supported"
        case .tooManySignatures(let limit): "it has more than \(limit) signatures"
        case .unsupportedAlgorithm(let index, let name):
            "signature \(index) has the algorithm '\(name)', which is none of RS256, RS384, RS512, ES256, ES384 and ES512"
        case .malformedKey(let index, let error): "the key of signature \(index) is of no use: \(error)"
        case .wrongSignature(let index): "signature \(index) does not fit what is signed"
        case .unavailable(let error): "\(error)"
        }
    }
}
