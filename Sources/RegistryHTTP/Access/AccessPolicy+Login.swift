import HTTPTypes
import SystemLibraries

extension AccessPolicy {
    /// The caller with this user and password; nil when they are wrong.
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
        case .refused:
            let isUser = await passwords.hash(of: user) != nil
            request.context.refusedLogin = RequestContext.RefusedLogin(user: isUser ? user : nil)
            return nil
        case .tooMany: throw AccessRefusal.tooManyAttempts
        }
    }

    /// The caller that a token was issued to; nil when the user was deleted or has a new password.
    func caller(with ticket: SessionToken, _ secret: MessageAuthentication) async -> Caller? {
        guard let user = ticket.user else {
            return Caller(permissions: Permissions(of: nil, rules: await rules(for: nil)), isAuthenticated: true)
        }
        guard let hash = await passwords?.hash(of: user) else { return nil }
        return ticket.isStamped(by: hash, secret) ? await caller(user, hash) : nil
    }

    /// The caller recently verified by the same Authorization header.
    func remembered(_ request: RegistryRequest) async -> Caller? {
        guard let passwords, let header = request.headers[.authorization], let pair = await passwords.known(header)
        else { return nil }
        return await caller(pair.user, pair.hash)
    }

    /// A caller whose password was verified by this hash.
    func caller(_ user: String, _ hash: PasswordHash) async -> Caller {
        Caller(permissions: Permissions(of: user, rules: await rules(for: user)), isAuthenticated: true, hash: hash)
    }
}
