import HTTPTypes
import ImageModel
import SystemLibraries

/// Authorizes a request of a v2 client.
struct V2Authorizer {
    let policy: AccessPolicy
    let secret: MessageAuthentication
    /// The time, in seconds since 1970.
    let now: Int
    let request: RegistryRequest
    let locations: LocationPolicy

    /// Returns the caller of the request.
    ///
    /// - Throws: ``AccessRefusal`` unless the caller satisfies the requirement.
    func authorize(_ requirement: AccessRequirement) async throws -> Caller {
        if requirement == .nothing { return Caller(permissions: .nothing, isAuthenticated: false) }
        let caller = try await caller(requirement)
        request.context.user = caller.user
        switch requirement {
        case .nothing, .image, .imagePush, .search: break
        case .login:
            guard caller.isAuthenticated || policy.settings.authentication == nil else {
                throw unauthenticated(requirement)
            }
        case .catalogue:
            guard caller.permissions.allowsCatalogue else { throw refusal(of: caller, requirement) }
        case .repository(let needs):
            guard needs.allSatisfy({ caller.permissions.allows($0.action, $0.repository) }) else {
                throw refusal(of: caller, requirement)
            }
        }
        return caller
    }

    /// Issues a token to a caller with a password, or an anonymous token.
    func token() async throws -> RegistryResponse {
        let caller: Caller
        switch AuthorizationHeader(request.headers[.authorization]) {
        case .none: caller = await anonymous()
        case .basic(let user, let password): caller = try await login(user, password, .login)
        case .bearer, .v1Token, .unknown: throw unauthenticated(.login)
        }
        request.context.user = caller.user
        let ticket = SessionToken(
            purpose: .v2,
            user: caller.permissions.user,
            passwordFingerprint: SessionToken.passwordFingerprint(of: caller.hash, secret),
            expiry: now + AccessControl.v2TokenLifetime
        )
        let text = JSONValue.string(ticket.signed(by: secret))
        var response = RegistryResponse(
            v2Status: 200,
            json: .object([
                JSONMember(key: "token", value: text),
                JSONMember(key: "access_token", value: text),
                JSONMember(key: "expires_in", value: .integer(Int64(AccessControl.v2TokenLifetime))),
            ])
        )
        response.headers[.cacheControl] = "no-store"
        return response
    }

    private func caller(_ requirement: AccessRequirement) async throws -> Caller {
        if let caller = await policy.remembered(request) { return caller }
        switch (AuthorizationHeader(request.headers[.authorization]), policy.settings.authentication) {
        case (.none, _), (_, nil): return await anonymous()
        case (.basic(let user, let password), .htpasswd?): return try await login(user, password, requirement)
        case (.bearer(let text), .htpasswd?): return try await holder(of: text, requirement)
        case (.bearer(let text), .token?): return try await bearer(of: text, requirement)
        case (.basic, .token?), (.v1Token, _), (.unknown, _): throw unauthenticated(requirement)
        }
    }

    private func anonymous() async -> Caller {
        Caller(permissions: Permissions(of: nil, rules: await policy.rules(for: nil)), isAuthenticated: false)
    }

    private func login(_ user: String, _ password: [UInt8], _ requirement: AccessRequirement) async throws -> Caller {
        switch try await policy.login(user, password, request) {
        case let caller?: caller
        case nil: throw unauthenticated(requirement, byPassword: requirement == .login)
        }
    }

    /// The caller with a token issued by this server.
    private func holder(of text: String, _ requirement: AccessRequirement) async throws -> Caller {
        guard let ticket = SessionToken(text, purpose: .v2, signedBy: secret, now: now),
            let caller = await policy.caller(with: ticket, secret)
        else { throw unauthenticated(requirement, error: "invalid_token") }
        return caller
    }

    /// The caller with a token of another service.
    private func bearer(of text: String, _ requirement: AccessRequirement) async throws -> Caller {
        guard let token = policy.tokens?.verify(text, now: now) else {
            throw unauthenticated(requirement, error: "invalid_token")
        }
        let permissions = Permissions(
            of: token.subject,
            token: token.grants,
            rules: await policy.rules(for: token.subject),
            anonymous: await policy.rules(for: nil) ?? []
        )
        return Caller(permissions: permissions, isAuthenticated: true)
    }

    private func refusal(of caller: Caller, _ requirement: AccessRequirement) -> AccessRefusal {
        let needs = requirement.needs
        guard policy.settings.authentication != nil else { return .denied(needs: needs) }
        if !caller.isAuthenticated { return unauthenticated(requirement) }
        let lacksScope =
            requirement == .catalogue
            ? policy.tokens != nil : needs.contains { caller.permissions.lacksScope(for: $0.action, $0.repository) }
        if lacksScope { return unauthenticated(requirement, error: "insufficient_scope") }
        // For an anonymous token: a caller who logs in may be allowed.
        return caller.permissions.user == nil ? unauthenticated(requirement) : .denied(needs: needs)
    }

    private func unauthenticated(
        _ requirement: AccessRequirement,
        byPassword: Bool = false,
        error: String? = nil
    ) -> AccessRefusal {
        .unauthenticated(challenge(requirement, byPassword: byPassword, error: error), needs: requirement.needs)
    }

    private func challenge(_ requirement: AccessRequirement, byPassword: Bool, error: String?) -> AccessChallenge {
        let realm: String
        let service: String
        switch policy.settings.authentication {
        case .htpasswd(let settings):
            guard policy.givesOutTokens, !byPassword else { return .basic(realm: settings.realm) }
            realm = locations.address(of: "/v2/\(AccessControl.v2TokenWord)", for: request)
            service = locations.authority(for: request) ?? settings.realm
        case .token(let settings):
            realm =
                settings.redirectsToOwnHost
                ? locations.address(ofRoot: settings.redirectPath, for: request) : settings.realm
            service = settings.service
        case nil: return .basic(realm: "")
        }
        if requirement == .catalogue { return .bearerForCatalogue(realm: realm, service: service, error: error) }
        return .bearer(realm: realm, service: service, needs: requirement.needs, error: error)
    }
}

extension AccessRequirement {
    /// The actions on repositories that it consists of.
    var needs: [AccessNeed] { if case .repository(let needs) = self { needs } else { [] } }
}
