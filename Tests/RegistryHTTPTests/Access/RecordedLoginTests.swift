import RegistryHTTP
import SystemLibraries
import Testing

@Suite("A Docker engine that is asked to log in")
struct RecordedLoginTests {
    static let engines: [(String, [String])] = ["1.5.0", "1.9.1", "1.12.6"].flatMap { version in
        [(version, []), (version, ["labuser pull,push auth*"])]
    }

    @Test("logs in, pushes and pulls through v1, with passwords and with the tokens it gets", arguments: engines)
    func replays(version: String, rules: [String]) async throws {
        try await withUsers(rules: rules) { port in
            let labuser = "Basic bGFidXNlcjpzZWNyZXRwdw=="
            var engine = RecordedEngine(version: version, port: port, authorization: labuser)
            for command in ["httpauth-login", "httpauth-push", "httpauth-pull"] {
                try await engine.pushWhatIsMissing(for: command)
                try await engine.run(command)
            }
            if rules.isEmpty { try await engine.run("tlsauth-push") }
        }
    }

    static let probes: [(String, String, Int)] = [
        ("POST", "", 401), ("GET", "", 401), ("GET", "Basic bGFidXNlcjpzZWNyZXRwdw==", 200),
        ("GET", "Basic bGFidXNlcjp3cm9uZw==", 401), ("GET", "Basic bm9ib2R5OnNlY3JldHB3", 401),
    ]

    @Test("learns through v1 whether its password is right, and that it must send one", arguments: probes)
    func users(method: String, authorization: String, status: Int) async throws {
        try await withUsers(rules: []) { port in
            let headers = authorization.isEmpty ? [:] : ["Authorization": authorization]
            let body = Array("{\"username\":\"labuser\",\"password\":\"secretpw\",\"email\":\"a@b.c\"}".utf8)
            let answer = try await exchange(
                method,
                "/v1/users/",
                headers: headers,
                body: method == "POST" ? body : [],
                port: port
            )
            #expect(answer.status == status)
            #expect((answer["www-authenticate"] == "Basic realm=\"Harbour\"") == (status == 401))
        }
    }

    @Test("learns through v2 what registry:2 would tell it: a challenge, then whether its password is right")
    func v2() async throws {
        try await withUsers(rules: []) { port in
            let first = try await exchange("GET", "/v2/", port: port)
            #expect(first.status == 401 && first["www-authenticate"] == "Basic realm=\"Harbour\"")
            #expect(first["docker-distribution-api-version"] == "registry/2.0")
            #expect(
                first.text
                    == "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"authentication required\",\"detail\":null}]}"
            )
            let headers = ["Authorization": "Basic bGFidXNlcjpzZWNyZXRwdw=="]
            #expect(try await exchange("GET", "/v2/", headers: headers, port: port).status == 200)
        }
    }

    static let modern: [(String, [String])] = [
        ("1.9.1", ["httpauth-login"]), ("1.12.6", ["httpauth-login", "httpauth-push", "httpauth-pull"]),
    ]

    @Test(
        "logs in, pushes and pulls through v2, asked for a password or for a token",
        arguments: modern,
        [false, true]
    )
    func v2Replays(engine: (version: String, commands: [String]), asksForToken: Bool) async throws {
        let rules = asksForToken ? ["anonymous pull public/*", "labuser pull,push auth*/*"] : []
        try await withUsers(rules: rules) { port in
            let replay = try RecordedRegistryEngine(version: engine.version, port: port, asksForToken: asksForToken)
            for command in engine.commands { try await replay.run(command) }
            if asksForToken {
                // A login with a wrong password fails at the token service.
                let headers = ["Authorization": "Basic bGFidXNlcjp3cm9uZw=="]
                let answer = try await exchange("GET", "/v2/_token?account=labuser", headers: headers, port: port)
                #expect(answer.status == 401 && answer["www-authenticate"] == "Basic realm=\"Harbour\"")
                #expect(answer.text.contains("UNAUTHORIZED"))
            }
        }
    }

    private func withUsers(rules: [String], _ body: @Sendable (Int) async throws -> Void) async throws {
        let tree = try ScratchTree()
        let users = try ScratchTree()
        try users.write("labuser:\(try PasswordHash.bcrypt("secretpw", cost: 4).text)\n", to: "users")
        var access = try AccessWorld.settings(users: "\(users.path)/users", rules: rules)
        if rules.isEmpty { access.rules = nil }
        try await withRegistry(over: tree.open(), access: access) { port, _ in try await body(port) }
    }
}
