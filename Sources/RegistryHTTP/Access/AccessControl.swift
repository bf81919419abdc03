import HTTPTypes
package import Logging
import RegistryCore
import Synchronization
import SystemLibraries

/// Authenticates and authorizes every request.
///
/// It is consulted once per request, before the handler, with the request's ``AccessRequirement``. Decisions that
/// depend on which repository contains an image are left to the handlers, which consult the ``Caller``.
package final class AccessControl: Sendable {
    let policy: Mutex<AccessPolicy>
    private let secret: MessageAuthentication
    private let logger: Logger
    private let now: @Sendable () -> Int

    /// The lifetime of a v1 token, in seconds: longer than the longest push.
    static let v1TokenLifetime = 48 * 3600
    /// The path below `/v2/` of this server's own token service, if enabled.
    static let v2TokenWord = "_token"
    /// The lifetime of a v2 token issued by this server, in seconds. Clients renew it in time.
    static let v2TokenLifetime = 900

    /// - Parameters:
    ///   - secret: The key that signs tokens. Anyone who knows it can impersonate anyone.
    ///   - logger: Receives failed logins and unreadable files.
    ///   - now: The time for token lifetimes, in seconds since 1970.
    /// - Throws: ``UnusableTokenSettings``.
    package init(
        _ settings: AccessSettings,
        secret: [UInt8],
        logger: Logger,
        now: @escaping @Sendable () -> Int = { HTTPDate.now.secondsSince1970 }
    ) throws {
        self.policy = Mutex(try AccessPolicy(settings, logger: logger))
        self.secret = MessageAuthentication(key: secret)
        self.logger = logger
        self.now = now
    }

    /// Allows everyone everything.
    package init(logger: Logger) {
        self.policy = Mutex(AccessPolicy())
        self.secret = MessageAuthentication()
        self.logger = logger
        self.now = { HTTPDate.now.secondsSince1970 }
    }

    /// Reads the files named by the settings. Must be called before the first request.
    package func prepare() async { await policy.withLock { $0 }.load() }

    /// Replaces the settings and reads their files while requests are being served. Requests in progress finish with
    /// the previous settings.
    ///
    /// - Throws: ``UnusableTokenSettings``; the previous settings stay in effect.
    package func replace(with settings: AccessSettings) async throws {
        let next = try AccessPolicy(settings, logger: logger)
        await next.load()
        policy.withLock { $0 = next }
    }
}

/// How the clients of an API authenticate.
package enum LoginProtocol: Sendable {
    /// By a password, or by a token that this server issued for one repository.
    case v1
    /// By a password, or by a token of this server or of another service.
    case v2
}

/// Called by the APIs.
extension AccessControl {
    /// Whether everyone may do everything.
    var isOpen: Bool { policy.withLock { $0.isOpen } }

    /// Authenticates the sender of a request and checks `requirement`.
    ///
    /// - Throws: ``AccessRefusal``.
    func caller(
        of request: RegistryRequest,
        needing requirement: AccessRequirement,
        by login: LoginProtocol,
        locations: LocationPolicy
    ) async throws -> Caller {
        let policy = policy.withLock { $0 }
        if policy.isOpen { return .unrestricted }
        switch login {
        case .v1:
            return try await V1Authorizer(policy: policy, secret: secret, now: now(), request: request).authorize(
                requirement
            )
        case .v2:
            let desk = V2Authorizer(policy: policy, secret: secret, now: now(), request: request, locations: locations)
            return try await desk.authorize(requirement)
        }
    }

    /// Issues a v2 token to the sender of a request; nil where this server issues none.
    ///
    /// - Throws: ``AccessRefusal``.
    func token(for request: RegistryRequest, locations: LocationPolicy) async throws -> RegistryResponse? {
        let policy = policy.withLock { $0 }
        guard policy.givesOutTokens else { return nil }
        try allow([.get, .head], request)
        return try await V2Authorizer(
            policy: policy,
            secret: secret,
            now: now(),
            request: request,
            locations: locations
        )
        .token()
    }

    /// Issues a v1 token for one repository; nil when no access control is configured.
    func v1Token(for name: V1RepositoryName, access: String, caller: Caller) -> String? {
        if isOpen { return nil }
        let ticket = SessionToken(
            purpose: .v1,
            user: caller.permissions.user,
            passwordFingerprint: SessionToken.passwordFingerprint(of: caller.hash, secret),
            repository: name.description,
            access: access,
            expiry: now() + Self.v1TokenLifetime
        )
        return ticket.signed(by: secret)
    }
}
