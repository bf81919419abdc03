internal import COpenSSL
package import ImageModel

/// A public key of any kind that tokens and manifests are signed with: RSA, a curve of NIST, or Ed25519.
package struct VerificationKey: Sendable {
    private let key: LoadedKey
    private let kind: Kind

    private enum Kind {
        case rsa
        case curve(bits: Int)
        case ed25519
    }

    /// A SubjectPublicKeyInfo: RFC 5280, section 4.1.
    package let der: [UInt8]

    /// Reads a SubjectPublicKeyInfo.
    ///
    /// - Throws: ``KeyError/wrongKind``.
    package init(der: [UInt8]) throws(KeyError) {
        let pointer = der.withUnsafeBufferPointer { buffer in
            var position = buffer.baseAddress
            return d2i_PUBKEY(nil, &position, buffer.count)
        }
        guard let pointer else {
            ERR_clear_error()
            throw .wrongKind
        }
        key = LoadedKey(pointer)
        self.der = der
        switch EVP_PKEY_get_base_id(pointer) {
        case EVP_PKEY_RSA: kind = .rsa
        case EVP_PKEY_EC: kind = .curve(bits: Int(EVP_PKEY_get_bits(pointer)))
        case EVP_PKEY_ED25519: kind = .ed25519
        default: throw .wrongKind
        }
    }

    /// Reads a JSON Web Key: RFC 7517; RFC 7518, section 6; RFC 8037.
    ///
    /// - Throws: ``KeyError/wrongKind``.
    package init(jwk: JSONValue) throws(KeyError) {
        guard let der = PublicKeyEncoding(jwk)?.der else { throw .wrongKind }
        try self.init(der: der)
    }

    /// The key's name as Docker's libtrust makes it.
    package var keyID: String { KeyFingerprint.libtrust(der) }

    /// The names that a token may call the key by: libtrust's, and that of RFC 7638.
    package var names: [String] {
        [keyID] + (PublicKeyEncoding(der: der).map { [$0.thumbprint] } ?? [])
    }

    /// Whether `signature`, in the form that RFC 7518 and RFC 8037 give it, is this key's for `message`.
    ///
    /// False, too, where the algorithm is none of this kind of key.
    package func isValid(_ signature: [UInt8], for message: [UInt8], by algorithm: SigningAlgorithm) -> Bool {
        switch (algorithm, kind) {
        case (.rs256, .rsa): verifies(signature, message, EVP_sha256())
        case (.rs384, .rsa): verifies(signature, message, EVP_sha384())
        case (.rs512, .rsa): verifies(signature, message, EVP_sha512())
        case (.ps256, .rsa): verifies(signature, message, EVP_sha256(), padding: RSA_PKCS1_PSS_PADDING)
        case (.ps384, .rsa): verifies(signature, message, EVP_sha384(), padding: RSA_PKCS1_PSS_PADDING)
        case (.ps512, .rsa): verifies(signature, message, EVP_sha512(), padding: RSA_PKCS1_PSS_PADDING)
        case (.es256, .curve(bits: 256)): verifies(pair: signature, message, EVP_sha256(), numberByteCount: 32)
        case (.es384, .curve(bits: 384)): verifies(pair: signature, message, EVP_sha384(), numberByteCount: 48)
        case (.es512, .curve(bits: 521)): verifies(pair: signature, message, EVP_sha512(), numberByteCount: 66)
        case (.edDSA, .ed25519): verifies(signature, message, nil)
        default: false
        }
    }

    private func verifies(pair: [UInt8], _ message: [UInt8], _ hash: OpaquePointer?, numberByteCount: Int) -> Bool {
        guard pair.count == 2 * numberByteCount else { return false }
        let der = DER.sequence(
            DER.integer(pair.prefix(numberByteCount)),
            DER.integer(pair.suffix(numberByteCount))
        )
        return verifies(der, message, hash)
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
            // What is wrong with a signature also lands in the thread's queue of errors, where TLS would find it.
            ERR_clear_error()
        }
        var parameters: OpaquePointer?
        guard EVP_DigestVerifyInit(context, &parameters, hash, nil, key.pointer) == 1 else { return false }
        if let padding, EVP_PKEY_CTX_set_rsa_padding(parameters, padding) != 1 { return false }
        return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}
