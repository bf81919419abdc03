import ImageModel
import SystemLibraries

/// A signature of a schema1 manifest: a JSON Web Signature in the format of Docker's libtrust ("prettyjws").
///
/// Its protected header records where signatures were inserted into the manifest, so that the original bytes can be
/// restored.
struct Schema1Signature {
    /// The signing key.
    let key: VerificationKey
    /// The signing algorithm.
    let algorithm: SigningAlgorithm
    /// The protected header in base64, as written.
    let protected: String
    /// The signature value; r and s for elliptic curves.
    let signature: [UInt8]
    /// The length of the manifest before the insertion point.
    let formatLength: Int
    /// The original bytes after the insertion point.
    let formatTail: [UInt8]

    /// The algorithms libtrust supports: a client's key in `~/.docker/key.json` is P-256, Quay's is RSA.
    static let algorithms: [SigningAlgorithm] = [.rs256, .rs384, .rs512, .es256, .es384, .es512]

    /// Parses an untrusted element of `signatures`.
    init(_ json: JSONText, index: Int) throws(UnverifiedManifest) {
        let path = "signatures[\(index)]"
        guard let header = json["header"], header.isObject else {
            throw .malformed(field: "\(path).header", reason: "is not an object")
        }
        guard header["x5c"] == nil else { throw .certificateChain(index: index) }
        let name = try Self.text(header, "alg", at: "\(path).header")
        guard let algorithm = SigningAlgorithm(rawValue: name), Self.algorithms.contains(algorithm) else {
            throw .unsupportedAlgorithm(index: index, name)
        }
        self.algorithm = algorithm
        key = try Self.key(header, index: index, path: "\(path).header.jwk")
        signature = try Self.decoded(json, "signature", at: path)
        protected = try Self.text(json, "protected", at: path)
        let protectedBytes = try Self.decoded(json, "protected", at: path)
        guard let format = try? JSONText(parsing: protectedBytes), let length = format["formatLength"]?.integer else {
            throw .malformed(field: "\(path).protected", reason: "has no formatLength")
        }
        formatLength = Int(clamping: length)
        formatTail = try Self.decoded(format, "formatTail", at: "\(path).protected")
    }

    /// Whether the signature is valid for the base64-encoded payload: RFC 7515, section 5.2.
    func isValid(forEncoded payload: String) -> Bool {
        key.isValid(signature, for: Self.signedBytes(protected: protected, encodedPayload: payload), by: algorithm)
    }

    /// The signed bytes: the protected header and the payload in base64, joined by a dot.
    static func signedBytes(protected: String, encodedPayload payload: String) -> [UInt8] {
        Array("\(protected).\(payload)".utf8)
    }

    private static func key(
        _ header: JSONText,
        index: Int,
        path: String
    ) throws(UnverifiedManifest) -> VerificationKey {
        guard let jwk = header["jwk"], let value = try? JSONValue(parsing: jwk.bytes) else {
            throw .malformed(field: path, reason: "is missing")
        }
        do { return try VerificationKey(jwk: value) } catch { throw .malformedKey(index: index, error) }
    }

    private static func text(_ json: JSONText, _ key: String, at path: String) throws(UnverifiedManifest) -> String {
        guard let text = json[key]?.string else {
            throw .malformed(field: "\(path).\(key)", reason: "is not a string")
        }
        return text
    }

    private static func decoded(
        _ json: JSONText,
        _ key: String,
        at path: String
    ) throws(UnverifiedManifest) -> [UInt8] {
        guard let bytes = Base64URL.decode(try text(json, key, at: path)) else {
            throw .malformed(field: "\(path).\(key)", reason: "is not base64")
        }
        return bytes
    }
}
