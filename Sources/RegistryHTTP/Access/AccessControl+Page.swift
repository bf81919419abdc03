import HTTPTypes
package import RegistryCore
import Synchronization
import SystemLibraries

/// Somebody who signed in to the web page, as long as their password stays the same.
package struct SignedInUser: Sendable {
    /// The user's name.
    package let name: String
    /// The hash that verified the password.
    let hash: PasswordHash
}

/// Logins of the web page, which never looks at `Authorization`: browsers send it to every path once they know it.
extension AccessControl {
    /// Whether people can sign in with a user and a password.
    package var hasPasswords: Bool { policy.withLock { $0.passwords != nil } }

    /// Signs in somebody who gave a user and a password in a form; nil when they are wrong. Guesses are slowed down
    /// together with those of other clients.
    ///
    /// - Throws: ``AccessRefusal/tooManyAttempts``.
    package func signIn(
        _ user: String,
        _ password: [UInt8],
        by request: RegistryRequest
    ) async throws(AccessRefusal) -> SignedInUser? {
        guard let passwords = policy.withLock({ $0.passwords }) else { return nil }
        // Without the request's Authorization, which may belong to somebody else.
        switch await passwords.verify(user, password, header: nil, from: request.clientAddress ?? "") {
        case .verified(let user, let hash): return SignedInUser(name: user, hash: hash)
        case .refused: return nil
        case .tooMany: throw AccessRefusal.tooManyAttempts
        }
    }

    /// The caller behind a sign-in; nil when the user was deleted or has a new password.
    package func caller(of user: SignedInUser) async -> Caller? {
        let policy = policy.withLock { $0 }
        guard let hash = await policy.passwords?.hash(of: user.name), hash.text == user.hash.text else { return nil }
        return await policy.caller(user.name, hash)
    }

    /// A caller without a login.
    package func anonymousCaller() async -> Caller {
        let policy = policy.withLock { $0 }
        if policy.isOpen { return .unrestricted }
        return Caller(permissions: Permissions(of: nil, rules: await policy.rules(for: nil)), isAuthenticated: false)
    }
}

extension EventActor {
    /// The sender of a request: the author of the changes that it makes.
    package init(
        _ request: RegistryRequest,
        by user: String?,
        through interface: Interface,
        _ locations: LocationPolicy
    ) {
        self.init(user: user, interface: interface, request: Request(request, locations))
    }
}

extension EventActor.Request {
    /// The request, as events describe it.
    fileprivate init(_ request: RegistryRequest, _ locations: LocationPolicy) {
        self.init(
            id: request.context.id,
            address: request.remoteAddress,
            host: request.host,
            method: request.method.rawValue,
            userAgent: request.headers[.userAgent],
            root: locations.location(of: "", for: request)
        )
    }
}
