internal import COpenSSL
import ImageModel

extension LoadedKey {
    /// An elliptic curve, by its name in JSON Web Keys, which libcrypto accepts too.
    enum Curve: String, CaseIterable {
        case p256 = "P-256"
        case p384 = "P-384"
        case p521 = "P-521"

        /// The size of a coordinate in bytes.
        var byteCount: Int {
            switch self {
            case .p256: 32
            case .p384: 48
            case .p521: 66
            }
        }

        /// libcrypto's own name of the curve.
        fileprivate var groupName: String {
            switch self {
            case .p256: SN_X9_62_prime256v1
            case .p384: SN_secp384r1
            case .p521: SN_secp521r1
            }
        }
    }

    /// The key's curve; nil for other curves and other kinds of keys.
    var curve: Curve? {
        var name = [CChar](repeating: 0, count: 64)
        var count = 0
        guard EVP_PKEY_get_group_name(pointer, &name, name.count, &count) == 1 else {
            ERR_clear_error()
            return nil
        }
        let text = String(decoding: name.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return Curve.allCases.first { $0.groupName == text }
    }

    /// Parses a SubjectPublicKeyInfo; returns nil if libcrypto does not support it.
    convenience init?(der: [UInt8]) {
        let pointer = der.withUnsafeBufferPointer { buffer in
            var position = buffer.baseAddress
            return d2i_PUBKEY(nil, &position, buffer.count)
        }
        self.init(checking: pointer)
    }

    /// Creates an RSA public key. Both numbers are big-endian.
    convenience init?(modulus: [UInt8], exponent: [UInt8]) {
        self.init(checking: Self.make("RSA", numbers: [(.modulus, modulus), (.exponent, exponent)]))
    }

    /// Creates a point on a curve; returns nil if it is not on the curve.
    convenience init?(_ curve: Curve, x: [UInt8], y: [UInt8]) {
        guard x.count == curve.byteCount, y.count == curve.byteCount else { return nil }
        // An uncompressed point: SEC 1, section 2.3.3.
        self.init(checking: Self.make("EC", group: curve.rawValue, point: [4] + x + y))
    }

    /// Creates an Ed25519 public key.
    convenience init?(ed25519 point: [UInt8]) {
        self.init(checking: EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, point, point.count))
    }

    /// Parses a JSON Web Key: RFC 7517; RFC 7518, section 6; RFC 8037. Returns nil for unsupported kinds.
    convenience init?(jwk: JSONValue) {
        func bytes(_ name: String) -> [UInt8]? { jwk[name]?.string.flatMap { Base64URL.decode($0) } }
        switch (jwk["kty"]?.string, jwk["crv"]?.string) {
        case ("RSA", _):
            guard let modulus = bytes("n"), let exponent = bytes("e") else { return nil }
            self.init(modulus: modulus, exponent: exponent)
        case ("EC", let name?):
            guard let curve = Curve(rawValue: name), let x = bytes("x"), let y = bytes("y") else { return nil }
            self.init(curve, x: x, y: y)
        case ("OKP", "Ed25519"):
            guard let point = bytes("x") else { return nil }
            self.init(ed25519: point)
        default: return nil
        }
    }

    /// The public half as a SubjectPublicKeyInfo; nil only if out of memory.
    var der: [UInt8]? {
        var buffer: UnsafeMutablePointer<UInt8>?
        let count = i2d_PUBKEY(pointer, &buffer)
        defer { CRYPTO_free(buffer, #file, #line) }
        guard count > 0, let buffer else { return nil }
        return Array(UnsafeBufferPointer(start: buffer, count: Int(count)))
    }

    /// A number of the key, by libcrypto's name for it, big-endian.
    ///
    /// - Parameter byteCount: The size to pad to; nil for the minimum.
    func number(_ name: String, byteCount: Int? = nil) -> [UInt8]? {
        var number: OpaquePointer?
        guard EVP_PKEY_get_bn_param(pointer, name, &number) == 1, let number else { return nil }
        defer { BN_free(number) }
        let count = byteCount ?? Int(BN_num_bits(number) + 7) / 8
        var bytes = [UInt8](repeating: 0, count: count)
        return BN_bn2binpad(number, &bytes, Int32(count)) == Int32(count) ? bytes : nil
    }

    /// The coordinates of a point on a curve.
    func coordinates(_ curve: Curve) -> (x: [UInt8], y: [UInt8])? {
        guard let x = number(OSSL_PKEY_PARAM_EC_PUB_X, byteCount: curve.byteCount),
            let y = number(OSSL_PKEY_PARAM_EC_PUB_Y, byteCount: curve.byteCount)
        else { return nil }
        return (x, y)
    }

    /// The Ed25519 public key.
    var ed25519Point: [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 32)
        var count = bytes.count
        return EVP_PKEY_get_raw_public_key(pointer, &bytes, &count) == 1 ? bytes : nil
    }

    private convenience init?(checking pointer: OpaquePointer?) {
        guard let pointer else {
            // Otherwise TLS would find the error in this thread's queue later.
            ERR_clear_error()
            return nil
        }
        self.init(pointer)
    }

    /// Creates a public key from parameters with libcrypto's names.
    private static func make(
        _ kind: String,
        group: String? = nil,
        point: [UInt8]? = nil,
        numbers: [(name: ParameterName, bytes: [UInt8])] = []
    ) -> OpaquePointer? {
        guard let builder = OSSL_PARAM_BLD_new(), let context = EVP_PKEY_CTX_new_from_name(nil, kind, nil) else {
            return nil
        }
        // The builder refers to the values until the parameters are created.
        let values = numbers.map { BN_bin2bn($0.bytes, Int32($0.bytes.count), nil) }
        defer {
            OSSL_PARAM_BLD_free(builder)
            EVP_PKEY_CTX_free(context)
            for value in values { BN_free(value) }
        }
        for (number, value) in zip(numbers, values)
        where OSSL_PARAM_BLD_push_BN(builder, number.name.text, value) != 1 { return nil }
        return (group ?? "").withCString { name in
            if group != nil, OSSL_PARAM_BLD_push_utf8_string(builder, ParameterName.group.text, name, 0) != 1 {
                return nil
            }
            return (point ?? []).withUnsafeBytes { bytes in
                let name = ParameterName.point.text
                if point != nil, OSSL_PARAM_BLD_push_octet_string(builder, name, bytes.baseAddress, bytes.count) != 1 {
                    return nil
                }
                guard let parameters = OSSL_PARAM_BLD_to_param(builder) else { return nil }
                defer { OSSL_PARAM_free(parameters) }
                var key: OpaquePointer?
                guard EVP_PKEY_fromdata_init(context) == 1,
                    EVP_PKEY_fromdata(context, &key, EVP_PKEY_public_key, parameters) == 1
                else { return nil }
                return key
            }
        }
    }
}

/// libcrypto's name of a key parameter, from EVP_PKEY-RSA(7) and EVP_PKEY-EC(7).
///
/// The text is static, because libcrypto's parameters point to their names.
private struct ParameterName {
    let name: StaticString

    static let modulus = ParameterName(name: "n")
    static let exponent = ParameterName(name: "e")
    static let group = ParameterName(name: "group")
    static let point = ParameterName(name: "pub")

    var text: UnsafePointer<CChar> { UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self) }
}

/// The error when a key cannot be read or used.
package enum KeyError: Error, Equatable, CustomStringConvertible {
    /// The text contains no PEM private key, or one with a passphrase.
    case malformedPEM
    /// The key is of the wrong kind.
    case wrongKind
    /// The coordinates are not a point on the curve.
    case notAPoint
    /// libcrypto failed, which happens only if memory or randomness runs out.
    case libraryFailure(call: String)

    package var description: String {
        switch self {
        case .malformedPEM: "no readable PEM private key"
        case .wrongKind: "the key is of the wrong kind"
        case .notAPoint: "the coordinates are not a point on the curve P-256"
        case .libraryFailure(let call): "libcrypto: \(call) failed"
        }
    }
}
