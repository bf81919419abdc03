internal import COpenSSL

/// An X.509 certificate: RFC 5280.
///
/// Unchecked because it holds a C pointer: the object it points to no longer changes, and is freed with it.
package final class Certificate: @unchecked Sendable {
    let pointer: OpaquePointer

    /// - Parameter pointer: The certificate takes ownership of it.
    private init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { X509_free(pointer) }

    /// Reads the first certificate of a PEM text.
    ///
    /// - Throws: ``KeyError/malformedPEM``.
    package convenience init(pem: [UInt8]) throws(KeyError) {
        let pointer = PEMText.read(pem) { PEM_read_bio_X509($0, nil, { _, _, _, _ in -1 }, nil) }
        guard let pointer else { throw .malformedPEM }
        self.init(pointer)
    }

    /// Creates a self-signed CA certificate.
    ///
    /// - Parameter days: Its validity, from now on.
    package static func authority(named name: String, _ key: CertificateKey, days: Int) throws(KeyError) -> Certificate
    {
        let certificate = try Certificate(commonName: name, key, days: days)
        try certificate.name(issuer: certificate)
        try certificate.add(NID_basic_constraints, "critical,CA:TRUE,pathlen:0", issuer: certificate)
        try certificate.add(NID_key_usage, "critical,keyCertSign,cRLSign", issuer: certificate)
        try certificate.add(NID_subject_key_identifier, "hash", issuer: certificate)
        try certificate.sign(with: key)
        return certificate
    }

    /// Creates a server certificate.
    ///
    /// The first host is also its common name, which is all that clients before 2015 check.
    /// - Parameters:
    ///   - hosts: The names clients use for the server; must not be empty.
    ///   - days: Its validity, from now on.
    package static func server(
        _ hosts: [CertificateHost],
        _ key: CertificateKey,
        signedBy authority: (certificate: Certificate, key: CertificateKey),
        days: Int
    ) throws(KeyError) -> Certificate {
        let certificate = try Certificate(commonName: hosts[0].description, key, days: days)
        try certificate.name(issuer: authority.certificate)
        let names = hosts.map(\.alternativeName).joined(separator: ",")
        try certificate.add(NID_subject_alt_name, names, issuer: authority.certificate)
        try certificate.add(NID_basic_constraints, "critical,CA:FALSE", issuer: authority.certificate)
        try certificate.add(NID_key_usage, "critical,digitalSignature,keyEncipherment", issuer: authority.certificate)
        try certificate.add(NID_ext_key_usage, "serverAuth", issuer: authority.certificate)
        try certificate.add(NID_subject_key_identifier, "hash", issuer: authority.certificate)
        try certificate.add(NID_authority_key_identifier, "keyid", issuer: authority.certificate)
        try certificate.sign(with: authority.key)
        return certificate
    }

    /// The certificate in PEM.
    package func pem() throws(KeyError) -> [UInt8] {
        try PEMText.write { PEM_write_bio_X509($0, pointer) == 1 }
    }

    /// Creates a certificate without issuer, extensions and signature.
    private convenience init(commonName: String, _ key: CertificateKey, days: Int) throws(KeyError) {
        guard let pointer = X509_new() else { throw .libraryFailure(call: "X509_new") }
        self.init(pointer)
        // The first bit is cleared, so that the number is not negative.
        let serial = (0..<16).map { UInt8.random(in: $0 == 0 ? 1...127 : 0...255) }
        let name = X509_get_subject_name(pointer)
        let bytes = Array(commonName.utf8)
        // Version 3 is encoded as 2. One hour of tolerance for clocks that are behind.
        guard X509_set_version(pointer, 2) == 1, setSerial(serial),
            X509_gmtime_adj(X509_getm_notBefore(pointer), -3600) != nil,
            X509_gmtime_adj(X509_getm_notAfter(pointer), days * 24 * 3600) != nil,
            X509_NAME_add_entry_by_NID(name, NID_commonName, Self.utf8, bytes, Int32(bytes.count), -1, 0) == 1,
            X509_set_pubkey(pointer, key.key.pointer) == 1
        else { throw .libraryFailure(call: "X509_set") }
    }

    /// `MBSTRING_UTF8`, which is a macro expression in C.
    private static let utf8 = Int32(0x1000)

    private func setSerial(_ bytes: [UInt8]) -> Bool {
        guard let number = BN_bin2bn(bytes, Int32(bytes.count), nil) else { return false }
        defer { BN_free(number) }
        return BN_to_ASN1_INTEGER(number, X509_get_serialNumber(pointer)) != nil
    }

    private func name(issuer: Certificate) throws(KeyError) {
        guard X509_set_issuer_name(pointer, X509_get_subject_name(issuer.pointer)) == 1 else {
            throw .libraryFailure(call: "X509_set_issuer_name")
        }
    }

    private func add(_ kind: Int32, _ value: String, issuer: Certificate) throws(KeyError) {
        var context = v3_ext_ctx()
        X509V3_set_ctx(&context, issuer.pointer, pointer, nil, nil, 0)
        guard let added = X509V3_EXT_conf_nid(nil, &context, kind, value) else {
            throw .libraryFailure(call: "X509V3_EXT_conf_nid")
        }
        defer { X509_EXTENSION_free(added) }
        guard X509_add_ext(pointer, added, -1) == 1 else { throw .libraryFailure(call: "X509_add_ext") }
    }

    private func sign(with key: CertificateKey) throws(KeyError) {
        guard X509_sign(pointer, key.key.pointer, EVP_sha256()) > 0 else { throw .libraryFailure(call: "X509_sign") }
    }
}
