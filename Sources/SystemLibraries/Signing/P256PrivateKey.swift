internal import COpenSSL

/// A P-256 private key, with which a registry signs the schema1 manifests it generates.
package struct P256PrivateKey: Sendable {
    /// The public half.
    package let publicKey: P256PublicKey

    private let key: LoadedKey

    /// Creates a random key.
    package init() throws(KeyError) {
        guard let context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil) else {
            throw .libraryFailure(call: "EVP_PKEY_CTX_new_id")
        }
        defer { EVP_PKEY_CTX_free(context) }
        var pointer: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1,
            EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1,
            EVP_PKEY_keygen(context, &pointer) == 1, let pointer
        else { throw .libraryFailure(call: "EVP_PKEY_keygen") }
        try self.init(LoadedKey(pointer))
    }

    /// Reads a PEM private key, as written by ``pem()`` and `openssl genpkey`.
    ///
    /// - Throws: ``KeyError/malformedPEM`` or ``KeyError/wrongKind``.
    package init(pem: [UInt8]) throws(KeyError) {
        // The callback provides no passphrase; libcrypto would otherwise prompt for one on the terminal.
        let pointer = PEMText.read(pem) { PEM_read_bio_PrivateKey($0, nil, { _, _, _, _ in -1 }, nil) }
        guard let pointer else { throw .malformedPEM }
        try self.init(LoadedKey(pointer))
    }

    private init(_ key: LoadedKey) throws(KeyError) {
        guard EVP_PKEY_get_base_id(key.pointer) == EVP_PKEY_EC else { throw .wrongKind }
        self.publicKey = try P256PublicKey(key)
        self.key = key
    }

    /// The key as unencrypted PKCS #8 in PEM. Anyone who can read it can sign as the registry.
    package func pem() throws(KeyError) -> [UInt8] {
        try PEMText.write { PEM_write_bio_PrivateKey($0, key.pointer, nil, nil, 0, nil, nil) == 1 }
    }

    /// Signs a message with ES256. Each signature of the same message is different.
    ///
    /// - Returns: r and s, 32 bytes each: RFC 7518, section 3.4.
    package func signature(for message: [UInt8]) throws(KeyError) -> [UInt8] {
        guard let context = EVP_MD_CTX_new() else { throw .libraryFailure(call: "EVP_MD_CTX_new") }
        defer { EVP_MD_CTX_free(context) }
        var der = [UInt8](repeating: 0, count: 128)
        var count = der.count
        guard EVP_DigestSignInit(context, nil, EVP_sha256(), nil, key.pointer) == 1,
            EVP_DigestSign(context, &der, &count, message, message.count) == 1,
            let signature = CurveSignature(der: Array(der.prefix(count)), numberByteCount: 32)
        else { throw .libraryFailure(call: "EVP_DigestSign") }
        return signature.concatenated
    }
}
