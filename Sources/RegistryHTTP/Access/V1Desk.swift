import HTTPTypes
import SystemLibraries

/// Where clients of v1 say who they are: looks at one request.
struct V1Desk {
    let policy: AccessPolicy
    let secret: MessageAuthentication
    /// The time, in seconds since 1970.
    let now: Int
    let request: RegistryRequest

    /// Who it is.
    ///
    /// - Throws: ``AccessRefusal`` unless they may ask for it.
    func admit(_ requirement: AccessRequirement) async throws -> Visitor {
        if requirement == .nothing { return Visitor(permissions: .nothing, isRecognized: false) }
        let visitor = try await visitor(requirement)
        let permissions = visitor.permissions
        let isAllowed =
            switch requirement {
            case .nothing: true
            case .login: visitor.permissions.user != nil || policy.settings.authentication == nil
            case .search, .catalogue: permissions.allowsCatalogue
            case .repository(let needs): needs.allSatisfy { permissions.allows($0.action, $0.repository) }
            case .image: permissions.allowsSomewhere(.pull)
            case .imagePush: permissions.allowsSomewhere(.push)
            }
        if isAllowed { return visitor }
        if requirement == .search, policy.settings.allowsSearchWithoutLogin { return stranger }
        throw permissions.user == nil ? unauthenticated(requirement) : AccessRefusal.denied(needs: requirement.needs)
    }

    private func visitor(_ requirement: AccessRequirement) async throws -> Visitor {
        // v1 knows no tokens of other services: under these everyone is anonymous, whatever they send.
        guard policy.passwords != nil else { return await anonymous() }
        switch Credentials(request.headers[.authorization]) {
        case .none: return await anonymous()
        case .basic(let user, let password):
            if let visitor = try await policy.login(user, password, request) { return visitor }
            throw unauthenticated(requirement)
        case .v1Token(let signature): return try await holder(of: signature, requirement)
        case .bearer, .unknown: throw unauthenticated(requirement)
        }
    }

    private func anonymous() async -> Visitor {
        Visitor(permissions: Permissions(of: nil, rules: await policy.rules(for: nil)), isRecognized: false)
    }

    /// Whoever has a token of ours.
    private func holder(of signature: String, _ requirement: AccessRequirement) async throws -> Visitor {
        guard let ticket = AccessTicket(signature, purpose: .v1, signedBy: secret, now: now),
            ticket.isGood(for: requirement), let visitor = await policy.visitor(with: ticket, secret)
        else { throw unauthenticated(requirement) }
        return visitor
    }

    /// Someone of whom nothing is known: shown what every user may see.
    private var stranger: Visitor {
        Visitor(
            permissions: Permissions(ofAnyUserBy: policy.settings.rules, isWithoutTokens: policy.tokens == nil),
            isRecognized: false
        )
    }

    private func unauthenticated(_ requirement: AccessRequirement) -> AccessRefusal {
        switch policy.settings.authentication {
        case .htpasswd(let settings):
            .unauthenticated(.basic(realm: settings.realm), needs: requirement.needs)
        // There is no way to log in.
        case .token, nil: .denied(needs: requirement.needs)
        }
    }
}
