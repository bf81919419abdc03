/// The public half of a P-256 key: a point on the curve.
package struct P256PublicKey: Hashable, Sendable {
    /// The point's x coordinate: 32 bytes, big-endian.
    package let x: [UInt8]
    /// The point's y coordinate: 32 bytes, big-endian.
    package let y: [UInt8]
    /// The key as a SubjectPublicKeyInfo in DER, with the point uncompressed.
    package let der: [UInt8]

    /// Creates a key from untrusted coordinates.
    ///
    /// - Throws: ``KeyError/notAPoint`` unless they are a point on the curve.
    package init(x: [UInt8], y: [UInt8]) throws(KeyError) {
        guard let key = LoadedKey(.p256, x: x, y: y) else { throw .notAPoint }
        try self.init(key)
    }

    /// The public half of `key`, which must be an elliptic-curve key.
    ///
    /// - Throws: ``KeyError/wrongKind`` for another curve.
    init(_ key: LoadedKey) throws(KeyError) {
        guard key.curve == .p256, let point = key.coordinates(.p256), let der = key.der else { throw .wrongKind }
        (x, y) = point
        self.der = der
    }

    /// The key ID as computed by Docker's libtrust.
    package var keyID: String { KeyFingerprint.libtrust(der) }

    /// Whether `signature` is this key's ES256 signature of `message`, as r and s of 32 bytes each (RFC 7518, section
    /// 3.4).
    package func isValid(_ signature: [UInt8], for message: [UInt8]) throws(KeyError) -> Bool {
        try VerificationKey(der: der).isValid(signature, for: message, by: .es256)
    }
}
