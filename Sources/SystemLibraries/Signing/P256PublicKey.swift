/// The public half of a P-256 key: a point of the curve.
package struct P256PublicKey: Hashable, Sendable {
    /// The point's first coordinate: 32 bytes, the highest first.
    package let x: [UInt8]
    /// The point's second coordinate: 32 bytes, the highest first.
    package let y: [UInt8]
    /// The key as a SubjectPublicKeyInfo in DER, the point uncompressed.
    package let der: [UInt8]

    /// Takes coordinates, which arrive from the network and are not trusted.
    ///
    /// - Throws: ``KeyError/notAPoint`` unless they are a point of the curve.
    package init(x: [UInt8], y: [UInt8]) throws(KeyError) {
        guard let key = LoadedKey(.p256, x: x, y: y) else { throw .notAPoint }
        try self.init(key)
    }

    /// The public half of a key, whose kind its maker has looked at.
    ///
    /// - Throws: ``KeyError/wrongKind`` for a key of another curve.
    init(_ key: LoadedKey) throws(KeyError) {
        guard key.curve == .p256, let point = key.coordinates(.p256), let der = key.der else { throw .wrongKind }
        (x, y) = point
        self.der = der
    }

    /// The key's name as Docker's libtrust makes it.
    package var keyID: String { KeyFingerprint.libtrust(der) }

    /// Whether `signature`, ES256 in the form of RFC 7518, section 3.4 (r and s, 32 bytes each), is this key's for
    /// `message`.
    package func isValid(_ signature: [UInt8], for message: [UInt8]) throws(KeyError) -> Bool {
        try VerificationKey(der: der).isValid(signature, for: message, by: .es256)
    }
}
