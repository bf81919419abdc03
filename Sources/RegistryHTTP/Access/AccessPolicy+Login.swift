import HTTPTypes
import SystemLibraries

extension AccessPolicy {
    /// Whoever these are the user and password of; nil when they are nobody's.
    ///
    /// - Throws: ``AccessRefusal/tooManyAttempts``.
    func login(
        _ user: String,
        _ password: [UInt8],
        _ request: RegistryRequest
    ) async throws(AccessRefusal) -> Caller? {
        guard let passwords else { return nil }
        let header = request.headers[.authorization]
        switch await passwords.verify(user, password, header: header, from: request.clientAddress ?? "") {
        case .verified(let user, let hash): return await caller(user, hash)
        case .refused: return nil
        case .tooMany: throw AccessRefusal.tooManyAttempts
        }
    }

    /// Whoever a ticket was given to; nil when that user is gone or has another password.
    func caller(with ticket: SessionToken, _ secret: MessageAuthentication) async -> Caller? {
        guard let user = ticket.user else {
            return Caller(permissions: Permissions(of: nil, rules: await rules(for: nil)), isAuthenticated: true)
        }
        guard let hash = await passwords?.hash(of: user) else { return nil }
        return ticket.isStamped(by: hash, secret) ? await caller(user, hash) : nil
    }

    /// Whoever was verified lately by the header that the request has.
    func remembered(_ request: RegistryRequest) async -> Caller? {
        guard let passwords, let header = request.headers[.authorization], let pair = await passwords.known(header)
        else { return nil }
        return await caller(pair.user, pair.hash)
    }

    private func caller(_ user: String, _ hash: PasswordHash) async -> Caller {
        Caller(permissions: Permissions(of: user, rules: await rules(for: user)), isAuthenticated: true, hash: hash)
    }
}

extension RegistryRequest {
    /// Where the request comes from: the peer, or what a proxy on this machine says of it. Other peers are not believed.
    var clientAddress: String? {
        // A peer without an address comes by a socket of this machine.
        guard ["127.0.0.1", "::1", nil].contains(remoteAddress) else { return remoteAddress }
        // The last entry is the one that the proxy added: those before it are the client's own words.
        let forwarded = headers[values: .forwardedFor].last?.split(separator: ",").last ?? ""
        return IPAddress(forwarded.filter { $0 != " " })?.description ?? remoteAddress
    }
}
