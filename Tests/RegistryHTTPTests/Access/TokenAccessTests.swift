import RegistryHTTP
import Testing

@Suite("A server with tokens from another service")
struct TokenAccessTests {
    private static let pullToken = TokenVerifierTests.samples.first { $0.isGood }?.token ?? ""
    private static let endedToken = TokenVerifierTests.samples.first { $0.name == "that has ended" }?.token ?? ""

    /// The target, the credentials, the status, and the error in the challenge.
    static let requests: [(String, String, String?, Int, String?)] = [
        ("GET", "/v2/", nil, 401, ""),
        ("GET", "/v2/", "Bearer \(pullToken)", 200, nil),
        ("GET", "/v2/", "Basic YW15OnNlY3JldA==", 401, ""),
        ("GET", "/v2/", "Bearer \(endedToken)", 401, ",error=\"invalid_token\""),
        ("GET", "/v2/", "Bearer x.y.z", 401, ",error=\"invalid_token\""),
        ("GET", "/v2/team/app/tags/list", nil, 401, ",scope=\"repository:team/app:pull\""),
        ("GET", "/v2/team/app/tags/list", "Bearer \(pullToken)", 404, nil),
        (
            "GET", "/v2/team/other/tags/list", "Bearer \(pullToken)", 401,
            ",scope=\"repository:team/other:pull\",error=\"insufficient_scope\""
        ),
        ("POST", "/v2/team/app/blobs/uploads/", nil, 401, ",scope=\"repository:team/app:pull,push\""),
        (
            "POST", "/v2/team/app/blobs/uploads/", "Bearer \(pullToken)", 401,
            ",scope=\"repository:team/app:pull,push\",error=\"insufficient_scope\""
        ),
        ("DELETE", "/v2/team/app/manifests/x", nil, 401, ",scope=\"repository:team/app:delete\""),
        ("GET", "/v2/_catalog", nil, 401, ",scope=\"registry:catalog:*\""),
        (
            "GET", "/v2/_catalog", "Bearer \(pullToken)", 401,
            ",scope=\"registry:catalog:*\",error=\"insufficient_scope\""
        ),
        ("GET", "/v2/_token", nil, 404, nil),
        ("GET", "/v1/_ping", nil, 200, nil),
    ]

    @Test("asks for a token, and does what it allows", arguments: requests)
    func asks(method: String, target: String, authorization: String?, status: Int, challenge: String?) async throws {
        try await withTokens { port in
            let headers = authorization.map { ["Authorization": $0] } ?? [:]
            let answer = try await exchange(method, target, headers: headers, port: port)
            #expect(answer.status == status)
            let expected = challenge.map {
                "Bearer realm=\"https://issuer.test/token\",service=\"registry.test\"\($0)"
            }
            #expect(answer["www-authenticate"] == expected)
        }
    }

    @Test(
        "treats v1 clients as anonymous, since v1 has no such tokens",
        arguments: [
            "/v1/users/", "/v1/repositories/team/app/tags", "/v1/search", "/v1/images/\(TestImage.id("1"))/json",
        ]
    )
    func v1(target: String) async throws {
        try await withTokens { port in
            for authorization in ["", "Bearer \(Self.pullToken)", "Basic YW15OnNlY3JldA=="] {
                let answer = try await exchange("GET", target, headers: ["Authorization": authorization], port: port)
                #expect(answer.status == 403 && answer["www-authenticate"] == nil)
            }
        }
    }

    @Test("allows what both a token and the rules allow, and for everyone what the rules allow everyone")
    func rules() async throws {
        try await withTokens(rules: ["anonymous pull public/*", "bob pull team/*"]) { port in
            let bearer = "Bearer \(Self.pullToken)"
            let requests: [(String, String, Int)] = [
                // Amy's token allows it, but the rules do not.
                ("/v2/team/app/tags/list", bearer, 403), ("/v2/public/x/tags/list", "", 404),
                ("/v2/public/x/tags/list", bearer, 404), ("/v1/repositories/public/x/tags", "", 404),
                ("/v1/repositories/team/app/tags", "", 403),
            ]
            for (target, authorization, status) in requests {
                let answer = try await exchange("GET", target, headers: ["Authorization": authorization], port: port)
                #expect(answer.status == status, "\(target)")
            }
        }
    }

    private func withTokens(rules: [String] = [], _ body: @Sendable (Int) async throws -> Void) async throws {
        let tree = try ScratchTree()
        var access = AccessSettings()
        access.authentication = .token(TokenVerifierTests.settings)
        if !rules.isEmpty { access.rules = AccessRules(try rules.map { try AccessRule(parsing: $0) }) }
        try await withRegistry(over: tree.open(), access: access) { port, _ in try await body(port) }
    }
}
