internal import COpenSSL

/// An ECDSA signature on P-256, between the form that JWS has and the one that libcrypto has.
struct P256Signature {
    /// r and s, 32 bytes each, the highest first: RFC 7518, section 3.4.
    let concatenated: [UInt8]

    private static let numberByteCount = 32

    /// Takes r and s; nil where they have not the right length.
    init?(concatenated: [UInt8]) {
        guard concatenated.count == 2 * Self.numberByteCount else { return nil }
        self.concatenated = concatenated
    }

    /// Reads an ECDSA-Sig-Value: RFC 3279, section 2.2.3; nil where it is none.
    init?(der: [UInt8]) {
        let signature = der.withUnsafeBufferPointer { buffer in
            var position = buffer.baseAddress
            return d2i_ECDSA_SIG(nil, &position, buffer.count)
        }
        guard let signature else { return nil }
        defer { ECDSA_SIG_free(signature) }
        let count = Int32(Self.numberByteCount)
        var numbers = [UInt8](repeating: 0, count: 2 * Self.numberByteCount)
        let isWritten = numbers.withUnsafeMutableBufferPointer { buffer in
            BN_bn2binpad(ECDSA_SIG_get0_r(signature), buffer.baseAddress, count) == count
                && BN_bn2binpad(
                    ECDSA_SIG_get0_s(signature),
                    buffer.baseAddress?.advanced(by: Self.numberByteCount),
                    count
                ) == count
        }
        guard isWritten else { return nil }
        self.concatenated = numbers
    }

    /// The signature as an ECDSA-Sig-Value.
    var der: [UInt8] {
        DER.sequence(
            DER.integer(concatenated.prefix(Self.numberByteCount)),
            DER.integer(concatenated.suffix(Self.numberByteCount))
        )
    }
}
