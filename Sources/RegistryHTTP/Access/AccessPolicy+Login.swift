import HTTPTypes
import SystemLibraries

extension AccessPolicy {
    /// Whoever these are the user and password of; nil when they are nobody's.
    ///
    /// - Throws: ``AccessRefusal/tooManyAttempts``.
    func login(
        _ user: String,
        _ password: [UInt8],
        _ request: RegistryRequest,
        _ secret: MessageAuthentication
    ) async throws -> Visitor? {
        guard let passwords else { return nil }
        let header = request.headers[.authorization] ?? ""
        let address = request.clientAddress ?? ""
        switch try await passwords.verify(user, password, header: header, from: address) {
        case .verified(let user, let hash): return await visitor(user, stamp: Self.stamp(of: hash, secret))
        case .refused: return nil
        case .tooMany: throw AccessRefusal.tooManyAttempts
        }
    }

    /// Whoever a ticket was given to; nil when that user is gone or has another password.
    func visitor(with ticket: AccessTicket, _ secret: MessageAuthentication) async -> Visitor? {
        guard let user = ticket.user else {
            return Visitor(permissions: Permissions(of: nil, rules: await rules(for: nil)), isRecognized: true)
        }
        guard let hash = await passwords?.hash(of: user) else { return nil }
        let stamp = Self.stamp(of: hash, secret)
        return ticket.stamp == stamp ? await visitor(user, stamp: stamp) : nil
    }

    private func visitor(_ user: String, stamp: String) async -> Visitor {
        Visitor(permissions: Permissions(of: user, rules: await rules(for: user)), isRecognized: true, stamp: stamp)
    }

    private static func stamp(of hash: PasswordHash, _ secret: MessageAuthentication) -> String {
        Base64URL.encode(secret.code(for: Array("password \(hash.text)".utf8)).prefix(12))
    }
}

extension RegistryRequest {
    /// Where the request comes from: the peer, or what a proxy on this machine says of it. Other peers are not believed.
    var clientAddress: String? {
        guard remoteAddress == "127.0.0.1" || remoteAddress == "::1" else { return remoteAddress }
        // The last entry is the one that the proxy added: those before it are the client's own words.
        let forwarded = headers[values: .forwardedFor].last?.split(separator: ",").last.map(String.init)
        let address = forwarded?.filter { $0 != " " } ?? ""
        return address.isEmpty ? remoteAddress : address
    }
}
