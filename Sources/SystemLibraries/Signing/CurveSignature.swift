internal import COpenSSL

/// An ECDSA signature, between the form that JSON Web Signatures have and the one that libcrypto has.
struct CurveSignature {
    /// r and s, as many bytes each as a coordinate of the curve has, the highest first: RFC 7518, section 3.4.
    let concatenated: [UInt8]

    /// Takes r and s; nil where they have not the right length.
    init?(concatenated: [UInt8], numberByteCount: Int) {
        guard concatenated.count == 2 * numberByteCount else { return nil }
        self.concatenated = concatenated
    }

    /// Reads an ECDSA-Sig-Value: RFC 3279, section 2.2.3; nil where it is none.
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

    /// The signature as an ECDSA-Sig-Value; nil only where there is no memory.
    var der: [UInt8]? {
        let count = concatenated.count / 2
        guard let signature = ECDSA_SIG_new() else { return nil }
        defer { ECDSA_SIG_free(signature) }
        let r = BN_bin2bn(Array(concatenated.prefix(count)), Int32(count), nil)
        let s = BN_bin2bn(Array(concatenated.suffix(count)), Int32(count), nil)
        // The numbers belong to the signature from then on.
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
