/// How a client is asked who it is: the value of `WWW-Authenticate`.
struct AccessChallenge: Equatable, Sendable {
    private enum Scheme: Equatable, Sendable {
        case basic
        case bearer(service: String, scope: String, error: String?)
    }

    private let realm: String
    private let scheme: Scheme

    /// A user and a password are asked for: RFC 7617.
    static func basic(realm: String) -> AccessChallenge { AccessChallenge(realm: realm, scheme: .basic) }

    /// A token is asked for: RFC 6750, and Docker Registry token authentication.
    ///
    /// - Parameter error: What is wrong with the one that was sent: `invalid_token` or `insufficient_scope`.
    static func bearer(realm: String, service: String, needs: [AccessNeed], error: String? = nil) -> AccessChallenge {
        AccessChallenge(realm: realm, scheme: .bearer(service: service, scope: scope(needs), error: error))
    }

    /// The same for the list of repositories.
    static func bearerForCatalogue(realm: String, service: String, error: String?) -> AccessChallenge {
        AccessChallenge(realm: realm, scheme: .bearer(service: service, scope: "registry:catalog:*", error: error))
    }

    /// The header's value.
    var header: String {
        switch scheme {
        case .basic: "Basic realm=\(Self.quoted(realm))"
        case .bearer(let service, let scope, let error):
            "Bearer realm=\(Self.quoted(realm)),service=\(Self.quoted(service))"
                + (scope.isEmpty ? "" : ",scope=\(Self.quoted(scope))")
                + (error.map { ",error=\(Self.quoted($0))" } ?? "")
        }
    }

    /// The repositories in their order, with all that is needed of each.
    private static func scope(_ needs: [AccessNeed]) -> String {
        var names: [String] = []
        for need in needs where !names.contains(need.repository) { names.append(need.repository) }
        return names.map { name in
            let actions = needs.filter { $0.repository == name }.map(\.action.rawValue)
            return "repository:\(name):\(actions.joined(separator: ","))"
        }.joined(separator: " ")
    }

    /// A quoted string of a header: what would end it or the line is escaped or left out.
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

/// Why a request is not answered: whoever sent it may not ask for that.
enum AccessRefusal: Error, Equatable {
    /// Nobody said who it is, or not so that it could be believed: the client shall say so, in this way.
    case unauthenticated(AccessChallenge, needs: [AccessNeed])
    /// It is known who it is.
    case denied(needs: [AccessNeed])
    /// Too many attempts to log in come from there.
    case tooManyAttempts
}
