import ImageModel
import NIOPosix
import Storage
import Synchronization
import SystemLibraries

/// Verifies JSON Web Tokens of another service like registry:2 does.
///
/// Docker Registry token authentication; observed: distribution 2.8 and 3.0.
final class TokenVerifier: Sendable {
    /// The content of a valid token.
    struct Token: Sendable, Equatable {
        /// The user; nil for an anonymous token.
        let subject: String?
        /// The permissions of its bearer.
        let grants: TokenGrants
        /// When it expires, in seconds since 1970; it is accepted until ``leeway`` seconds later.
        fileprivate let expiry: Int
    }

    /// How many seconds clocks may differ.
    static let leeway = 60
    /// The most verified tokens remembered.
    private static let memoryLimit = 10_000

    private let settings: TokenSettings
    private let algorithms: Set<SigningAlgorithm>
    private let certificates: CertificateBundle?
    private let keys: [String: VerificationKey]
    private let secret = MessageAuthentication()
    private let known = Mutex<[[UInt8]: Token]>([:])

    /// Reads the keys with blocking calls: at startup, and when the settings are replaced.
    ///
    /// - Throws: ``UnusableTokenSettings``.
    init(_ settings: TokenSettings) throws {
        self.settings = settings
        var named: Set<SigningAlgorithm> = []
        for name in settings.algorithms {
            guard let algorithm = SigningAlgorithm(rawValue: name) else { throw UnusableTokenSettings.algorithm(name) }
            named.insert(algorithm)
        }
        algorithms = named.isEmpty ? Set(SigningAlgorithm.allCases) : named
        var keys: [String: VerificationKey] = [:]
        certificates = try settings.certificatesPath.map { try Self.certificates(at: $0) }
        for key in certificates?.keys ?? [] {
            for name in key.names { keys[name] = key }
        }
        for (name, key) in try settings.keySetPath.map({ try Self.keySet(at: $0) }) ?? [] { keys[name] = key }
        guard !keys.isEmpty else { throw UnusableTokenSettings.noKeys }
        self.keys = keys
    }

    /// Verifies a token. Returns nil if it is malformed, not signed by a trusted key, from another issuer, for another
    /// service, or outside its period of validity.
    ///
    /// - Parameter now: In seconds since 1970.
    func verify(_ text: String, now: Int) -> Token? {
        let code = secret.code(for: Array(text.utf8))
        if let token = known.withLock({ $0[code] }) {
            return now <= token.expiry + Self.leeway ? token : nil
        }
        guard let token = read(text, now: now) else { return nil }
        known.withLock { known in
            if known.count >= Self.memoryLimit { known.removeAll() }
            known[code] = token
        }
        return token
    }

    private func read(_ text: String, now: Int) -> Token? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.json(parts[0]), let claims = Self.json(parts[1]),
            let signature = Base64URL.decode(parts[2]), !signature.isEmpty,
            let algorithm = header["alg"]?.string.flatMap(SigningAlgorithm.init), algorithms.contains(algorithm),
            let token = token(claims, now: now), let key = key(header)
        else { return nil }
        let message = Array("\(parts[0]).\(parts[1])".utf8)
        return key.isValid(signature, for: message, by: algorithm) ? token : nil
    }

    private func token(_ claims: JSONValue, now: Int) -> Token? {
        let audience = claims["aud"]?.string.map { [$0] } ?? claims["aud"]?.array?.compactMap(\.string) ?? []
        guard claims["iss"]?.string == settings.issuer, audience.contains(settings.service),
            let expiry = claims["exp"]?.seconds, now <= expiry + Self.leeway,
            now >= (claims["nbf"]?.seconds ?? 0) - Self.leeway
        else { return nil }
        let entries = (claims["access"]?.array ?? []).compactMap { entry -> TokenGrants.Entry? in
            guard let type = entry["type"]?.string, let name = entry["name"]?.string else { return nil }
            return TokenGrants.Entry(
                type: type,
                name: name,
                actions: Set((entry["actions"]?.array ?? []).compactMap(\.string))
            )
        }
        let subject = claims["sub"]?.string ?? ""
        return Token(subject: subject.isEmpty ? nil : subject, grants: TokenGrants(entries), expiry: expiry)
    }

    /// The key given by the token's header: by a certificate chain, by the key itself or by a key id, in this order.
    private func key(_ header: JSONValue) -> VerificationKey? {
        if let chain = header["x5c"]?.array, !chain.isEmpty { return key(vouchedForBy: chain) }
        if let jwk = header["jwk"], jwk.object != nil {
            guard let key = try? VerificationKey(jwk: jwk) else { return nil }
            if let chain = jwk["x5c"]?.array, !chain.isEmpty {
                return self.key(vouchedForBy: chain)?.der == key.der ? key : nil
            }
            return key.names.contains { keys[$0]?.der == key.der } ? key : nil
        }
        return header["kid"]?.string.flatMap { keys[$0] }
    }

    private func key(vouchedForBy chain: [JSONValue]) -> VerificationKey? {
        let decoded = chain.compactMap { $0.string.flatMap { Base64.decode($0) } }
        return decoded.count == chain.count ? certificates?.key(vouchedForBy: decoded) : nil
    }

    private static func json(_ part: Substring) -> JSONValue? {
        guard let bytes = Base64URL.decode(part), let value = try? JSONValue(parsing: bytes), value.object != nil else {
            return nil
        }
        return value
    }

    private static func certificates(at path: String) throws -> CertificateBundle {
        let bytes = try LocalFile.read(path)
        do { return try CertificateBundle(pem: bytes) } catch {
            throw UnusableTokenSettings.keys(path: path, reason: error.description)
        }
    }

    /// The keys of a set, by the names that tokens may use for them.
    private static func keySet(at path: String) throws -> [(String, VerificationKey)] {
        let bytes = try LocalFile.read(path)
        guard let set = (try? JSONValue(parsing: bytes))?["keys"]?.array else {
            throw UnusableTokenSettings.keys(path: path, reason: "it is not a JSON Web Key Set")
        }
        var keys: [(String, VerificationKey)] = []
        for entry in set {
            do {
                let key = try VerificationKey(jwk: entry)
                keys += key.names.map { ($0, key) }
                if let name = entry["kid"]?.string { keys.append((name, key)) }
            } catch {
                throw UnusableTokenSettings.keys(
                    path: path,
                    reason: "it contains a key that is not RSA, EC or Ed25519"
                )
            }
        }
        return keys
    }
}

extension JSONValue {
    /// A time in whole seconds since 1970, possibly written with a fraction: RFC 7519, section 2, "NumericDate".
    fileprivate var seconds: Int? {
        guard case .number(let text) = self, let seconds = Double(text) else { return nil }
        return Int(min(max(seconds, -1e15), 1e15))
    }
}
