internal import COpenSSL

/// An ECDSA signature, convertible between JSON Web Signature's format and libcrypto's.
struct CurveSignature {
    /// r and s, each padded to the size of a coordinate, big-endian: RFC 7518, section 3.4.
    let concatenated: [UInt8]

    /// Takes r and s; returns nil if the length is wrong.
    init?(concatenated: [UInt8], numberByteCount: Int) {
        guard concatenated.count == 2 * numberByteCount else { return nil }
        self.concatenated = concatenated
    }

    /// Parses an ECDSA-Sig-Value: RFC 3279, section 2.2.3. Returns nil if it is malformed.
    init?(der: [UInt8], numberByteCount: Int) {
        let signature = der.withUnsafeBufferPointer { buffer in
            var position = buffer.baseAddress
            return d2i_ECDSA_SIG(nil, &position, buffer.count)
        }
        guard let signature else { return nil }
        defer { ECDSA_SIG_free(signature) }
        var r = [UInt8](repeating: 0, count: numberByteCount)
        var s = r
        guard BN_bn2binpad(ECDSA_SIG_get0_r(signature), &r, Int32(r.count)) == Int32(r.count),
            BN_bn2binpad(ECDSA_SIG_get0_s(signature), &s, Int32(s.count)) == Int32(s.count)
        else { return nil }
        self.concatenated = r + s
    }

    /// The signature as an ECDSA-Sig-Value; nil only if out of memory.
    var der: [UInt8]? {
        let count = concatenated.count / 2
        guard let signature = ECDSA_SIG_new() else { return nil }
        defer { ECDSA_SIG_free(signature) }
        let r = BN_bin2bn(Array(concatenated.prefix(count)), Int32(count), nil)
        let s = BN_bin2bn(Array(concatenated.suffix(count)), Int32(count), nil)
        // On success the signature takes ownership of the numbers.
        guard ECDSA_SIG_set0(signature, r, s) == 1 else {
            BN_free(r)
            BN_free(s)
            return nil
        }
        var buffer: UnsafeMutablePointer<UInt8>?
        let size = i2d_ECDSA_SIG(signature, &buffer)
        defer { CRYPTO_free(buffer, #file, #line) }
        guard size > 0, let buffer else { return nil }
        return Array(UnsafeBufferPointer(start: buffer, count: Int(size)))
    }
}
