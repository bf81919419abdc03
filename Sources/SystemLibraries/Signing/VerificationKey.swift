internal import COpenSSL
package import ImageModel

/// A public key of any kind used to sign tokens and manifests: RSA, a NIST curve, or Ed25519.
package struct VerificationKey: Sendable {
    private let key: LoadedKey
    private let kind: Kind

    private enum Kind {
        case rsa
        case curve(LoadedKey.Curve)
        case ed25519
    }

    /// A SubjectPublicKeyInfo: RFC 5280, section 4.1.
    package let der: [UInt8]

    /// Parses a SubjectPublicKeyInfo.
    ///
    /// - Throws: ``KeyError/wrongKind``.
    package init(der: [UInt8]) throws(KeyError) {
        guard let key = LoadedKey(der: der) else { throw .wrongKind }
        try self.init(key, der: der)
    }

    /// Parses a JSON Web Key: RFC 7517; RFC 7518, section 6; RFC 8037.
    ///
    /// - Throws: ``KeyError/wrongKind``.
    package init(jwk: JSONValue) throws(KeyError) {
        guard let key = LoadedKey(jwk: jwk), let der = key.der else { throw .wrongKind }
        try self.init(key, der: der)
    }

    private init(_ key: LoadedKey, der: [UInt8]) throws(KeyError) {
        self.key = key
        self.der = der
        switch EVP_PKEY_get_base_id(key.pointer) {
        case EVP_PKEY_RSA: kind = .rsa
        case EVP_PKEY_EC:
            guard let curve = key.curve else { throw .wrongKind }
            kind = .curve(curve)
        case EVP_PKEY_ED25519: kind = .ed25519
        default: throw .wrongKind
        }
    }

    /// The key ID as computed by Docker's libtrust.
    package var keyID: String { KeyFingerprint.libtrust(der) }

    /// The key IDs a token may use for the key: libtrust's, and the thumbprint of RFC 7638.
    package var names: [String] { [keyID] + (thumbprint.map { [$0] } ?? []) }

    private var thumbprint: String? {
        let members: [(String, String)]
        switch kind {
        case .rsa:
            guard let exponent = key.number(OSSL_PKEY_PARAM_RSA_E), let modulus = key.number(OSSL_PKEY_PARAM_RSA_N)
            else { return nil }
            members = [("e", Base64URL.encode(exponent)), ("kty", "RSA"), ("n", Base64URL.encode(modulus))]
        case .curve(let curve):
            guard let (x, y) = key.coordinates(curve) else { return nil }
            members = [
                ("crv", curve.rawValue), ("kty", "EC"), ("x", Base64URL.encode(x)), ("y", Base64URL.encode(y)),
            ]
        case .ed25519:
            guard let point = key.ed25519Point else { return nil }
            members = [("crv", "Ed25519"), ("kty", "OKP"), ("x", Base64URL.encode(point))]
        }
        return KeyFingerprint.sha256("{\(members.map { "\"\($0)\":\"\($1)\"" }.joined(separator: ","))}")
    }

    /// Whether `signature`, in the format of RFC 7518 and RFC 8037, is this key's signature of `message`.
    ///
    /// Also false if the algorithm does not fit this kind of key.
    package func isValid(_ signature: [UInt8], for message: [UInt8], by algorithm: SigningAlgorithm) -> Bool {
        switch (algorithm, kind) {
        case (.rs256, .rsa): verifies(signature, message, EVP_sha256())
        case (.rs384, .rsa): verifies(signature, message, EVP_sha384())
        case (.rs512, .rsa): verifies(signature, message, EVP_sha512())
        case (.ps256, .rsa): verifies(signature, message, EVP_sha256(), padding: RSA_PKCS1_PSS_PADDING)
        case (.ps384, .rsa): verifies(signature, message, EVP_sha384(), padding: RSA_PKCS1_PSS_PADDING)
        case (.ps512, .rsa): verifies(signature, message, EVP_sha512(), padding: RSA_PKCS1_PSS_PADDING)
        case (.es256, .curve(.p256)): verifies(pair: signature, message, EVP_sha256(), .p256)
        case (.es384, .curve(.p384)): verifies(pair: signature, message, EVP_sha384(), .p384)
        case (.es512, .curve(.p521)): verifies(pair: signature, message, EVP_sha512(), .p521)
        case (.edDSA, .ed25519): verifies(signature, message, nil)
        default: false
        }
    }

    private func verifies(
        pair: [UInt8],
        _ message: [UInt8],
        _ hash: OpaquePointer?,
        _ curve: LoadedKey.Curve
    ) -> Bool {
        let signature = CurveSignature(concatenated: pair, numberByteCount: curve.byteCount)?.der
        return signature.map { verifies($0, message, hash) } ?? false
    }

    private func verifies(
        _ signature: [UInt8],
        _ message: [UInt8],
        _ hash: OpaquePointer?,
        padding: Int32? = nil
    ) -> Bool {
        guard let context = EVP_MD_CTX_new() else { return false }
        defer {
            EVP_MD_CTX_free(context)
            // A bad signature also adds an error to the thread's queue, where TLS would find it.
            ERR_clear_error()
        }
        var parameters: OpaquePointer?
        guard EVP_DigestVerifyInit(context, &parameters, hash, nil, key.pointer) == 1 else { return false }
        if let padding, EVP_PKEY_CTX_set_rsa_padding(parameters, padding) != 1 { return false }
        return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}

/// A libcrypto key, freed with its last reference.
///
/// `@unchecked Sendable`: libcrypto's reference counts are thread-safe, and a key is never changed after it is created.
final class LoadedKey: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Takes ownership of the key.
    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit { EVP_PKEY_free(pointer) }
}

/// The algorithm of a JSON Web Token or Signature: RFC 7518, section 3.1, and RFC 8037. Shared-secret algorithms and
/// `none` are excluded.
package enum SigningAlgorithm: String, Sendable, CaseIterable {
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
    case edDSA = "EdDSA"
}
