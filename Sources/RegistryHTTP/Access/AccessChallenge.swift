/// A request for credentials: the value of `WWW-Authenticate`.
package struct AccessChallenge: Equatable, Sendable {
    private enum Scheme: Equatable, Sendable {
        case basic
        case bearer(service: String, scope: String, error: String?)
    }

    private let realm: String
    private let scheme: Scheme

    /// Asks for a user and password: RFC 7617.
    static func basic(realm: String) -> AccessChallenge { AccessChallenge(realm: realm, scheme: .basic) }

    /// Asks for a token: RFC 6750, and Docker Registry token authentication.
    ///
    /// - Parameter error: What is wrong with the token in the request: `invalid_token` or `insufficient_scope`.
    static func bearer(realm: String, service: String, needs: [AccessNeed], error: String? = nil) -> AccessChallenge {
        AccessChallenge(realm: realm, scheme: .bearer(service: service, scope: scope(needs), error: error))
    }

    /// Asks for a token for the list of repositories.
    static func bearerForCatalogue(realm: String, service: String, error: String?) -> AccessChallenge {
        AccessChallenge(realm: realm, scheme: .bearer(service: service, scope: "registry:catalog:*", error: error))
    }

    var header: String {
        switch scheme {
        case .basic: "Basic realm=\(Self.quoted(realm))"
        case .bearer(let service, let scope, let error):
            "Bearer realm=\(Self.quoted(realm)),service=\(Self.quoted(service))"
                + (scope.isEmpty ? "" : ",scope=\(Self.quoted(scope))")
                + (error.map { ",error=\(Self.quoted($0))" } ?? "")
        }
    }

    /// The repositories in order, each with all actions needed.
    private static func scope(_ needs: [AccessNeed]) -> String {
        var names: [String] = []
        for need in needs where !names.contains(need.repository) { names.append(need.repository) }
        return names.map { name in
            let actions = needs.filter { $0.repository == name }.map(\.action.rawValue)
            return "repository:\(name):\(actions.joined(separator: ","))"
        }.joined(separator: " ")
    }

    /// A quoted string for a header; characters that would end it or the line are escaped or dropped.
    private static func quoted(_ text: String) -> String {
        let content = text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            default: if scalar.value >= 0x20, scalar.value != 0x7F { result.unicodeScalars.append(scalar) }
            }
        }
        return "\"\(content)\""
    }
}

/// The caller may not send this request.
package enum AccessRefusal: Error, Equatable {
    /// There are no credentials, or invalid ones: the client should authenticate as the challenge says.
    case unauthenticated(AccessChallenge, needs: [AccessNeed])
    /// The caller is known and lacks permission.
    case denied(needs: [AccessNeed])
    /// Too many login attempts from this address.
    case tooManyAttempts
}
