internal import COpenSSL
import ImageModel

/// The public half of a P-256 key: a point of the curve.
package struct P256PublicKey: Hashable, Sendable {
    /// The point's first coordinate: 32 bytes, the highest first.
    package let x: [UInt8]
    /// The point's second coordinate: 32 bytes, the highest first.
    package let y: [UInt8]

    /// How many bytes each coordinate has.
    package static let coordinateByteCount = 32

    /// The DER of a SubjectPublicKeyInfo of this curve up to the point: RFC 5480, section 2.
    private static let derPrefix: [UInt8] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48,
        0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
    ]

    /// Takes coordinates, which arrive from the network and are not trusted.
    ///
    /// - Throws: ``KeyError/notAPoint`` unless they are a point of the curve.
    package init(x: [UInt8], y: [UInt8]) throws(KeyError) {
        guard x.count == Self.coordinateByteCount, y.count == Self.coordinateByteCount else { throw .notAPoint }
        self.x = x
        self.y = y
        _ = try loaded()
    }

    /// Reads a SubjectPublicKeyInfo in DER.
    init(der: [UInt8]) throws(KeyError) {
        guard der.starts(with: Self.derPrefix), der.count == Self.derPrefix.count + 2 * Self.coordinateByteCount else {
            throw .wrongKind
        }
        let point = der.dropFirst(Self.derPrefix.count)
        try self.init(
            x: Array(point.prefix(Self.coordinateByteCount)),
            y: Array(point.suffix(Self.coordinateByteCount))
        )
    }

    /// The key as a SubjectPublicKeyInfo in DER, the point uncompressed.
    package var der: [UInt8] { Self.derPrefix + x + y }

    /// The key's name as Docker's libtrust makes it.
    package var keyID: String { KeyFingerprint.libtrust(der) }

    /// Whether `signature`, ES256 in the form of RFC 7518, section 3.4 (r and s, 32 bytes each), is this key's for
    /// `message`.
    package func isValid(_ signature: [UInt8], for message: [UInt8]) throws(KeyError) -> Bool {
        guard let der = P256Signature(concatenated: signature)?.der else { return false }
        let key = try loaded()
        guard let context = EVP_MD_CTX_new() else { throw .libraryFailure(call: "EVP_MD_CTX_new") }
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key.pointer) == 1 else {
            throw .libraryFailure(call: "EVP_DigestVerifyInit")
        }
        let answer = EVP_DigestVerify(context, der, der.count, message, message.count)
        // What is wrong with a signature also lands in the thread's queue of errors, where the TLS library would find it.
        ERR_clear_error()
        return answer == 1
    }

    /// The key as libcrypto holds it, which includes a look whether the point is on the curve.
    private func loaded() throws(KeyError) -> LoadedKey {
        let der = der
        let pointer = der.withUnsafeBufferPointer { buffer in
            var position = buffer.baseAddress
            return d2i_PUBKEY(nil, &position, buffer.count)
        }
        guard let pointer else {
            ERR_clear_error()
            throw .notAPoint
        }
        return LoadedKey(pointer)
    }
}
