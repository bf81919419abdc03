import RegistryHTTP
import Testing

@Suite("Access with tokens from another service")
struct TokenTableTests {
    /// A client's identity.
    enum Bearer: String, Sendable, CaseIterable {
        case nobody
        /// With a token that lets `amy` pull `team/app`.
        case amy
        /// With the same token, expired.
        case ended
        /// With a password, which this server cannot check.
        case password

        fileprivate var authorization: String {
            func token(_ name: String) -> String { TokenVerifierTests.samples.first { $0.name == name }?.token ?? "" }
            return switch self {
            case .nobody: ""
            case .amy: "Bearer \(TokenVerifierTests.samples.first { $0.isGood }?.token ?? "")"
            case .ended: "Bearer \(token("that has ended"))"
            case .password: "Basic Ym9zczpib3NzLXBhc3N3b3Jk"
            }
        }
    }

    @Test("is what the token grants, and what the rules allow everyone", arguments: Bearer.allCases, [false, true])
    func table(bearer: Bearer, hasRules: Bool) async throws {
        let tree = try ScratchTree()
        let filled = try await withRegistry(over: tree.open()) { port, _ in try await AccessWorld(port: port) }
        var access = AccessSettings()
        access.authentication = .token(TokenVerifierTests.settings)
        if hasRules {
            access.rules = AccessRules(
                try ["anonymous pull public/*", "amy pull team/*"].map { try AccessRule(parsing: $0) }
            )
        }
        var settings = ServiceSettings()
        settings.allowsDeletes = true
        try await withRegistry(over: tree.open(), settings: settings, access: access) { port, _ in
            let client = AccessClient(port: port, person: .nobody, authorization: bearer.authorization)
            for row in Endpoint.all(filled) {
                let answer = try await client.send(row.method, row.target, body: Array(row.body.utf8))
                let status = Self.status(of: row, for: bearer, hasRules)
                #expect(answer.status == status, "\(bearer) \(row.testDescription)")
                if answer.status == 401 {
                    #expect(answer["www-authenticate"]?.hasPrefix("Bearer realm=\"https://issuer.test/token\"") == true)
                }
                filled.expectNoLeak(answer, row) { name in
                    name == "public/app" ? hasRules : bearer == .amy && row.isV2
                }
            }
        }
    }

    private static func status(of row: Endpoint, for bearer: Bearer, _ hasRules: Bool) -> Int {
        if case .nothing = row.need { return row.status }
        func isPublic(_ name: String) -> Bool { hasRules && name == "public/app" }
        // v1 has no such tokens: everyone is anonymous, and there is no way to log in.
        guard row.isV2 else {
            return switch row.need {
            case .nothing: row.status
            case .list: hasRules ? row.status : 403
            case .actions(let actions, let name): actions == [.pull] && isPublic(name) ? row.status : 403
            case .image(let name): isPublic(name) ? row.status : hasRules ? 404 : 403
            case .login, .imagePush: 403
            }
        }
        if bearer == .ended || bearer == .password { return 401 }
        switch row.need {
        case .login: return bearer == .amy ? row.status : 401
        case .list: return hasRules ? row.status : 401
        case .actions(let actions, let name):
            if actions == [.pull], isPublic(name) || bearer == .amy && name == "team/app" { return row.status }
            // Another token would not help where the rules refuse.
            return bearer == .amy && hasRules ? 403 : 401
        case .nothing, .image, .imagePush: return row.status
        }
    }
}
