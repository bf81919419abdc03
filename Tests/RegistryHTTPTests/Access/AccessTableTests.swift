import RegistryHTTP
import Testing

@Suite("Access to every endpoint")
struct AccessTableTests {
    @Test("is granted by the rules, in both protocols", arguments: TestCaller.all)
    func table(caller: TestCaller) async throws {
        try await withAccessWorld { world in
            let client = try await caller.client(port: world.port)
            for row in Endpoint.all(world) {
                let answer = try await client.send(row.method, row.target, body: Array(row.body.utf8))
                #expect(answer.status == caller.status(of: row), "\(caller.testDescription) \(row.testDescription)")
                if answer.status == 401 { Self.expectChallenge(answer, row, caller.person) }
                world.expectNoLeak(answer, row) { caller.person.may(.pull, $0) }
            }
        }
    }

    private static func expectChallenge(_ answer: TestAnswer, _ row: Endpoint, _ person: AccessWorld.Person) {
        let challenge = answer["www-authenticate"] ?? ""
        if row.isV2 {
            #expect(answer["docker-distribution-api-version"] == "registry/2.0")
            #expect(challenge.hasPrefix("Bearer realm=") || challenge == "Basic realm=\"Harbour\"")
            if case .actions(let actions, let name) = row.need, person.isWelcome {
                let scope = "repository:\(name):\(actions.map(\.rawValue).joined(separator: ","))"
                #expect(challenge.contains("scope=\"\(scope)\""), "\(challenge)")
            }
            #expect(row.method == "HEAD" || answer.text.hasPrefix("{\"errors\":[{\"code\":\"UNAUTHORIZED\""))
        } else {
            #expect(challenge == "Basic realm=\"Harbour\"")
            #expect(row.method == "HEAD" || answer.text == "{\"error\": \"Requires authorization\"}")
        }
    }

    static let lists: [(AccessWorld.Person, [String])] = [
        (.nobody, ["public/app"]), (.emptyUser, ["public/app"]), (.eve, ["public/app"]),
        (.amy, ["public/app", "team/app"]), (.ci, ["public/app", "team/app"]), (.boss, ["public/app", "team/app"]),
    ]

    @Test("is reflected in lists and searches, page by page", arguments: lists)
    func listings(person: AccessWorld.Person, names: [String]) async throws {
        try await withAccessWorld { world in
            let client = AccessClient(port: world.port, person: person)
            let quoted = names.map { "\"\($0)\"" }
            let catalogue = try await client.send("GET", "/v2/_catalog")
            #expect(catalogue.text == "{\"repositories\":[\(quoted.joined(separator: ","))]}")
            let page = try await client.send("GET", "/v2/_catalog?n=1")
            #expect(page.text == "{\"repositories\":[\(quoted[0])]}")
            #expect((page["link"] != nil) == (names.count > 1))
            let found = try await client.send("GET", "/v1/search?q=app")
            #expect(found.text.contains("\"num_results\": \(names.count),"))
            #expect(found.text.contains("team/app") == names.contains("team/app"))
            let secret = try await client.send("GET", "/v1/search?q=team/app")
            #expect(secret.text.contains("\"num_results\": \(names.count - 1),"))
        }
    }

    @Test(
        "is refused for wrong credentials, even where none are needed",
        arguments: [
            "/v2/_catalog", "/v1/search?q=app", "/v2/public/app/tags/list", "/v1/repositories/public/app/tags",
        ]
    )
    func wrongCredentials(target: String) async throws {
        try await withAccessWorld { world in
            for person in [AccessWorld.Person.wrongPassword, .unknownUser] {
                let answer = try await AccessClient(port: world.port, person: person).send("GET", target)
                #expect(answer.status == 401)
                #expect(!answer.text.contains("app\"") || !target.contains("catalog"))
            }
        }
    }
}
