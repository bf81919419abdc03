import ImageModel

/// A public key between the two forms that it is written in: a SubjectPublicKeyInfo and a JSON Web Key.
enum PublicKeyEncoding {
    case rsa(modulus: [UInt8], exponent: [UInt8])
    case curve(Curve, x: [UInt8], y: [UInt8])
    case ed25519([UInt8])

    /// A curve by its name in a JSON Web Key.
    enum Curve: String, CaseIterable {
        case p256 = "P-256"
        case p384 = "P-384"
        case p521 = "P-521"

        /// How many bytes each coordinate has.
        var byteCount: Int {
            switch self {
            case .p256: 32
            case .p384: 48
            case .p521: 66
            }
        }

        fileprivate var identifier: [UInt8] {
            switch self {
            case .p256: [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
            case .p384: [0x2B, 0x81, 0x04, 0x00, 0x22]
            case .p521: [0x2B, 0x81, 0x04, 0x00, 0x23]
            }
        }
    }

    private static let rsaIdentifier: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]
    private static let curveIdentifier: [UInt8] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]
    private static let ed25519Identifier: [UInt8] = [0x2B, 0x65, 0x70]

    /// Takes a JSON Web Key apart; nil where it is none of these.
    init?(_ jwk: JSONValue) {
        func bytes(_ name: String) -> [UInt8]? { jwk[name]?.string.flatMap { Base64URL.decode($0) } }
        switch jwk["kty"]?.string {
        case "RSA":
            guard let modulus = bytes("n"), let exponent = bytes("e") else { return nil }
            self = .rsa(modulus: modulus, exponent: exponent)
        case "EC":
            guard let curve = jwk["crv"]?.string.flatMap(Curve.init), let x = bytes("x"), let y = bytes("y"),
                x.count == curve.byteCount, y.count == curve.byteCount
            else { return nil }
            self = .curve(curve, x: x, y: y)
        case "OKP":
            guard jwk["crv"]?.string == "Ed25519", let point = bytes("x"), point.count == 32 else { return nil }
            self = .ed25519(point)
        default: return nil
        }
    }

    /// Takes a SubjectPublicKeyInfo apart; nil where it is none of these, or its point is compressed.
    init?(der: [UInt8]) {
        var whole = der[...]
        guard var info = DER.read(&whole)?.content, var algorithm = DER.read(&info)?.content,
            let identifier = DER.read(&algorithm)?.content, let bits = DER.read(&info)?.content, bits.first == 0
        else { return nil }
        let key = bits.dropFirst()
        switch Array(identifier) {
        case Self.rsaIdentifier:
            var outer = key
            guard var numbers = DER.read(&outer)?.content, let modulus = DER.read(&numbers)?.content,
                let exponent = DER.read(&numbers)?.content
            else { return nil }
            self = .rsa(modulus: Array(modulus.drop { $0 == 0 }), exponent: Array(exponent.drop { $0 == 0 }))
        case Self.curveIdentifier:
            let name = DER.read(&algorithm).map { Array($0.content) }
            guard let curve = Curve.allCases.first(where: { $0.identifier == name }), key.first == 4,
                key.count == 1 + 2 * curve.byteCount
            else { return nil }
            self = .curve(curve, x: Array(key.dropFirst().prefix(curve.byteCount)), y: key.suffix(curve.byteCount))
        case Self.ed25519Identifier: self = .ed25519(Array(key))
        default: return nil
        }
    }

    /// The SubjectPublicKeyInfo.
    var der: [UInt8] {
        func identifier(_ bytes: [UInt8]) -> [UInt8] { DER.value(DER.objectIdentifierTag, bytes) }
        switch self {
        case .rsa(let modulus, let exponent):
            let numbers = DER.sequence(DER.integer(modulus), DER.integer(exponent))
            return DER.sequence(DER.sequence(identifier(Self.rsaIdentifier), [0x05, 0x00]), DER.bitString(numbers))
        case .curve(let curve, let x, let y):
            let algorithm = DER.sequence(identifier(Self.curveIdentifier), identifier(curve.identifier))
            return DER.sequence(algorithm, DER.bitString([4] + x + y))
        case .ed25519(let point):
            return DER.sequence(DER.sequence(identifier(Self.ed25519Identifier)), DER.bitString(point))
        }
    }

    /// The key's name by RFC 7638.
    var thumbprint: String {
        switch self {
        case .rsa(let modulus, let exponent):
            KeyFingerprint.sha256(
                "{\"e\":\"\(Base64URL.encode(exponent))\",\"kty\":\"RSA\",\"n\":\"\(Base64URL.encode(modulus))\"}"
            )
        case .curve(let curve, let x, let y):
            KeyFingerprint.sha256(
                "{\"crv\":\"\(curve.rawValue)\",\"kty\":\"EC\",\"x\":\"\(Base64URL.encode(x))\",\"y\":\"\(Base64URL.encode(y))\"}"
            )
        case .ed25519(let point):
            KeyFingerprint.sha256("{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"\(Base64URL.encode(point))\"}")
        }
    }
}
