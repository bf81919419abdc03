import ImageModel
import SystemLibraries

/// One signature of a schema1 manifest: a JSON Web Signature in the manner of Docker's libtrust ("prettyjws").
///
/// Its protected header says where the manifest was cut open to put the signatures in, so that the bytes from before
/// can be put together again.
struct Schema1Signature {
    /// The key that signed.
    let key: VerificationKey
    /// How it signed.
    let algorithm: SigningAlgorithm
    /// The protected header as it stands there, in base64.
    let protected: String
    /// The signature itself: of an elliptic curve, r and s.
    let signature: [UInt8]
    /// How many bytes of the manifest stand before the cut.
    let formatLength: Int
    /// What stood behind the cut before.
    let formatTail: [UInt8]

    /// What libtrust signs and verifies by: the client's key in `~/.docker/key.json` is of P-256, Quay's of RSA.
    static let algorithms: [SigningAlgorithm] = [.rs256, .rs384, .rs512, .es256, .es384, .es512]

    /// Reads an element of `signatures`, which is not trusted.
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
            throw .malformed(field: "\(path).protected", reason: "does not say the length of the format")
        }
        formatLength = Int(clamping: length)
        formatTail = try Self.decoded(format, "formatTail", at: "\(path).protected")
    }

    /// Whether the signature is the key's for the payload, which is given in base64: RFC 7515, section 5.2.
    func isValid(forEncoded payload: String) -> Bool {
        key.isValid(signature, for: Self.signedBytes(protected: protected, encodedPayload: payload), by: algorithm)
    }

    /// What is signed: the protected header and the payload, both in base64, and a dot between.
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
