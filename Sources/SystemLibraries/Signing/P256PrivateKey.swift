internal import COpenSSL

/// A P-256 key that signs: what a registry signs the schema1 manifests with that it makes.
package struct P256PrivateKey: Sendable {
    /// The half that others verify with.
    package let publicKey: P256PublicKey

    private let key: LoadedKey

    /// Makes a new key from the system's randomness.
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

    /// Reads a private key in PEM, as ``pem()`` and `openssl genpkey` write it.
    ///
    /// - Throws: ``KeyError/malformedPEM`` or ``KeyError/wrongKind``.
    package init(pem: [UInt8]) throws(KeyError) {
        let pointer: OpaquePointer? = pem.withUnsafeBytes { bytes in
            guard let input = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else { return nil }
            defer { BIO_free(input) }
            // The callback refuses to give a passphrase, for which libcrypto would else ask on the terminal.
            return PEM_read_bio_PrivateKey(input, nil, { _, _, _, _ in -1 }, nil)
        }
        guard let pointer else {
            ERR_clear_error()
            throw .malformedPEM
        }
        try self.init(LoadedKey(pointer))
    }

    private init(_ key: LoadedKey) throws(KeyError) {
        guard EVP_PKEY_get_base_id(key.pointer) == EVP_PKEY_EC else { throw .wrongKind }
        var buffer: UnsafeMutablePointer<UInt8>?
        let count = i2d_PUBKEY(key.pointer, &buffer)
        defer { CRYPTO_free(buffer, #file, #line) }
        guard count > 0, let buffer else { throw .libraryFailure(call: "i2d_PUBKEY") }
        self.publicKey = try P256PublicKey(der: Array(UnsafeBufferPointer(start: buffer, count: Int(count))))
        self.key = key
    }

    /// The key in PEM: PKCS #8, not encrypted. Whoever reads it can sign as the registry.
    package func pem() throws(KeyError) -> [UInt8] {
        guard let output = BIO_new(BIO_s_mem()) else { throw .libraryFailure(call: "BIO_new") }
        defer { BIO_free(output) }
        guard PEM_write_bio_PrivateKey(output, key.pointer, nil, nil, 0, nil, nil) == 1 else {
            throw .libraryFailure(call: "PEM_write_bio_PrivateKey")
        }
        var start: UnsafeMutablePointer<CChar>?
        let count = BIO_ctrl(output, BIO_CTRL_INFO, 0, &start)
        guard let start else { throw .libraryFailure(call: "BIO_ctrl") }
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// Signs a message by ES256; no two signatures of the same message are equal.
    ///
    /// - Returns: r and s, 32 bytes each: RFC 7518, section 3.4.
    package func signature(for message: [UInt8]) throws(KeyError) -> [UInt8] {
        guard let context = EVP_MD_CTX_new() else { throw .libraryFailure(call: "EVP_MD_CTX_new") }
        defer { EVP_MD_CTX_free(context) }
        var der = [UInt8](repeating: 0, count: 128)
        var count = der.count
        guard EVP_DigestSignInit(context, nil, EVP_sha256(), nil, key.pointer) == 1,
            EVP_DigestSign(context, &der, &count, message, message.count) == 1,
            let signature = P256Signature(der: Array(der.prefix(count)))
        else { throw .libraryFailure(call: "EVP_DigestSign") }
        return signature.concatenated
    }
}
