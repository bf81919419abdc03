import HTTPTypes
package import Logging
import RegistryCore
import Synchronization
import SystemLibraries

/// Decides of every request whether it is answered: who sent it, and whether they may ask for that.
///
/// Asked once a request, before its handler, with what it needs (``AccessRequirement``); what depends on which
/// repository has an image the handlers ask of the ``Caller``.
package final class AccessControl: Sendable {
    private let policy: Mutex<AccessPolicy>
    private let secret: MessageAuthentication
    private let logger: Logger
    private let now: @Sendable () -> Int

    /// How long a token of v1 is good, in seconds: longer than the longest push.
    static let v1TokenLifetime = 48 * 3600
    /// Where below `/v2/` this server gives out tokens, if it does.
    static let v2TokenWord = "_token"
    /// How long a token of v2 that this server gives out is good, in seconds. Clients get another in time.
    static let v2TokenLifetime = 900

    /// - Parameters:
    ///   - secret: What tokens are signed with. Whoever knows it can be anyone.
    ///   - logger: Is told of failed logins and of files that cannot be read.
    ///   - now: The time, in seconds since 1970, by which tokens begin and end.
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

    /// Lets everyone do everything.
    package init(logger: Logger) {
        self.policy = Mutex(AccessPolicy())
        self.secret = MessageAuthentication()
        self.logger = logger
        self.now = { HTTPDate.now.secondsSince1970 }
    }

    /// Reads the files that the settings name. To be called before the first request.
    package func prepare() async { await policy.withLock { $0 }.load() }

    /// Puts other settings in force, and reads their files, while requests are answered: those that have begun end by the
    /// settings before.
    ///
    /// - Throws: ``UnusableTokenSettings``; the settings before stay in force.
    package func replace(with settings: AccessSettings) async throws {
        let next = try AccessPolicy(settings, logger: logger)
        await next.load()
        policy.withLock { $0 = next }
    }
}

/// How clients say who they are.
enum LoginProtocol: Sendable {
    /// By a password, or by a token that this server gave out for one repository.
    case v1
    /// By a password, or by a token of this server or of another service.
    case v2
}

/// What the APIs ask.
extension AccessControl {
    /// Whether everyone may do everything.
    var isOpen: Bool { policy.withLock { $0.isOpen } }

    /// Who sent a request, which needs `requirement`.
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

    /// A v2 token for the sender of a request; nil where this server issues none.
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

    /// What a v1 client is given to send back: for one repository, whoever the caller is. Nil where nobody is asked.
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
