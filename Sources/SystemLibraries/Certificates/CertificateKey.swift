internal import COpenSSL

/// A 2048-bit RSA key, which every registry client supports, however old.
package struct CertificateKey: Sendable {
    let key: LoadedKey

    /// Creates a random key.
    package init() throws(KeyError) {
        guard let context = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, nil) else {
            throw .libraryFailure(call: "EVP_PKEY_CTX_new_id")
        }
        defer { EVP_PKEY_CTX_free(context) }
        var pointer: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048) == 1,
            EVP_PKEY_keygen(context, &pointer) == 1, let pointer
        else { throw .libraryFailure(call: "EVP_PKEY_keygen") }
        key = LoadedKey(pointer)
    }

    /// Reads a PEM private key without a passphrase.
    ///
    /// - Throws: ``KeyError/malformedPEM`` or ``KeyError/wrongKind``.
    package init(pem: [UInt8]) throws(KeyError) {
        let pointer = PEMText.read(pem) { PEM_read_bio_PrivateKey($0, nil, { _, _, _, _ in -1 }, nil) }
        guard let pointer else { throw .malformedPEM }
        key = LoadedKey(pointer)
        guard EVP_PKEY_get_base_id(pointer) == EVP_PKEY_RSA else { throw .wrongKind }
    }

    /// The key as unencrypted PKCS #8 in PEM.
    package func pem() throws(KeyError) -> [UInt8] {
        try PEMText.write { PEM_write_bio_PrivateKey($0, key.pointer, nil, nil, 0, nil, nil) == 1 }
    }
}
