internal import COpenSSL

/// Certificates trusted to vouch for keys.
///
/// `@unchecked Sendable`: nothing is added after initialisation, and libcrypto can verify on many threads at once.
package final class CertificateBundle: @unchecked Sendable {
    private let store: OpaquePointer
    /// The keys of these certificates.
    package let keys: [VerificationKey]

    /// Reads the certificates of a PEM file, ignoring everything else.
    ///
    /// - Throws: ``KeyError`` if a certificate is damaged or has an unsupported kind of key.
    package init(pem: [UInt8]) throws(KeyError) {
        guard let store = X509_STORE_new() else { throw .libraryFailure(call: "X509_STORE_new") }
        var keys: [VerificationKey] = []
        // Copies the bytes, because their buffer is only valid during this call.
        let input = BIO_new(BIO_s_mem())
        BIO_write(input, pem, Int32(clamping: pem.count))
        guard let input else {
            X509_STORE_free(store)
            throw .libraryFailure(call: "BIO_new")
        }
        defer {
            BIO_free(input)
            ERR_clear_error()
        }
        do throws(KeyError) {
            while let certificate = PEM_read_bio_X509(input, nil, nil, nil) {
                defer { X509_free(certificate) }
                X509_STORE_add_cert(store, certificate)
                keys.append(try Self.key(of: certificate))
            }
        } catch {
            X509_STORE_free(store)
            throw error
        }
        // A certificate of the bundle is trusted even if its issuer is not in the bundle.
        X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
        self.store = store
        self.keys = keys
    }

    deinit { X509_STORE_free(store) }

    /// The key of a chain's first certificate, if the chain leads to a trusted one; otherwise nil.
    ///
    /// - Parameter chain: The certificates in DER.
    package func key(vouchedForBy chain: [[UInt8]]) -> VerificationKey? {
        defer { ERR_clear_error() }
        let certificates = chain.compactMap { Self.certificate($0) }
        defer { for certificate in certificates { X509_free(certificate) } }
        guard certificates.count == chain.count, let leaf = certificates.first,
            let others = OPENSSL_sk_new_null(), let context = X509_STORE_CTX_new()
        else { return nil }
        defer {
            OPENSSL_sk_free(others)
            X509_STORE_CTX_free(context)
        }
        for certificate in certificates.dropFirst() { OPENSSL_sk_push(others, UnsafeRawPointer(certificate)) }
        guard X509_STORE_CTX_init(context, store, leaf, others) == 1, X509_verify_cert(context) == 1 else { return nil }
        do { return try Self.key(of: leaf) } catch { return nil }
    }

    private static func certificate(_ der: [UInt8]) -> OpaquePointer? {
        der.withUnsafeBufferPointer { buffer in
            var position = buffer.baseAddress
            return d2i_X509(nil, &position, buffer.count)
        }
    }

    private static func key(of certificate: OpaquePointer) throws(KeyError) -> VerificationKey {
        var buffer: UnsafeMutablePointer<UInt8>?
        let count = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &buffer)
        defer { CRYPTO_free(buffer, #file, #line) }
        guard count > 0, let buffer else { throw .libraryFailure(call: "i2d_X509_PUBKEY") }
        return try VerificationKey(der: Array(UnsafeBufferPointer(start: buffer, count: Int(count))))
    }
}
