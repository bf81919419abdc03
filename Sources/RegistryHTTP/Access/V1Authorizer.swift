import HTTPTypes
import SystemLibraries

/// Authorizes a request of a v1 client.
struct V1Authorizer {
    let policy: AccessPolicy
    let secret: MessageAuthentication
    /// The time, in seconds since 1970.
    let now: Int
    let request: RegistryRequest

    /// Returns the caller of the request.
    ///
    /// - Throws: ``AccessRefusal`` unless the caller satisfies the requirement.
    func authorize(_ requirement: AccessRequirement) async throws -> Caller {
        if requirement == .nothing { return Caller(permissions: .nothing, isAuthenticated: false) }
        let caller = try await caller(requirement)
        request.context.user = caller.user
        let permissions = caller.permissions
        let isAllowed =
            switch requirement {
            case .nothing: true
            case .login: caller.permissions.user != nil || policy.settings.authentication == nil
            case .search, .catalogue: permissions.allowsCatalogue
            case .repository(let needs): needs.allSatisfy { permissions.allows($0.action, $0.repository) }
            case .image: permissions.allowsSomewhere(.pull)
            case .imagePush: permissions.allowsSomewhere(.push)
            }
        if isAllowed { return caller }
        if requirement == .search, policy.settings.allowsSearchWithoutLogin { return stranger }
        throw permissions.user == nil ? unauthenticated(requirement) : AccessRefusal.denied(needs: requirement.needs)
    }

    private func caller(_ requirement: AccessRequirement) async throws -> Caller {
        // v1 has no tokens of other services: with these, everyone is anonymous, whatever they send.
        guard policy.passwords != nil else { return await anonymous() }
        switch AuthorizationHeader(request.headers[.authorization]) {
        case .none: return await anonymous()
        case .basic(let user, let password):
            if let caller = try await policy.login(user, password, request) { return caller }
            throw unauthenticated(requirement)
        case .v1Token(let signature): return try await holder(of: signature, requirement)
        case .bearer, .unknown: throw unauthenticated(requirement)
        }
    }

    private func anonymous() async -> Caller {
        Caller(permissions: Permissions(of: nil, rules: await policy.rules(for: nil)), isAuthenticated: false)
    }

    /// The caller with a token issued by this server.
    private func holder(of signature: String, _ requirement: AccessRequirement) async throws -> Caller {
        guard let ticket = SessionToken(signature, purpose: .v1, signedBy: secret, now: now),
            ticket.isGood(for: requirement), let caller = await policy.caller(with: ticket, secret)
        else { throw unauthenticated(requirement) }
        return caller
    }

    /// An unknown caller, who is shown what every user may see.
    private var stranger: Caller {
        Caller(
            permissions: Permissions(ofAnyUserBy: policy.settings.rules, isWithoutTokens: policy.tokens == nil),
            isAuthenticated: false
        )
    }

    private func unauthenticated(_ requirement: AccessRequirement) -> AccessRefusal {
        switch policy.settings.authentication {
        case .htpasswd(let settings):
            .unauthenticated(.basic(realm: settings.realm), needs: requirement.needs)
        // Without htpasswd, v1 clients have no way to log in.
        case .token, nil: .denied(needs: requirement.needs)
        }
    }
}
