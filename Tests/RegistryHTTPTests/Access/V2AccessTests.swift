import ImageModel
import RegistryCore
import RegistryHTTP
import SystemLibraries
import Testing

@Suite("Rules across repositories")
struct V2AccessTests {
    static let mounts: [(String, String, Int)] = [
        // Who may not pull from a source gets an upload, as where there is nothing.
        ("eve", "&from=team/app", 202), ("eve", "&from=none", 202), ("eve", "", 202), ("eve", "&from=public/app", 201),
        ("ci", "&from=team/app", 201), ("boss", "", 201),
    ]

    @Test("let nobody mount a blob that they may not pull", arguments: mounts)
    func mount(who: String, from: String, status: Int) async throws {
        try await withAccessWorld(rules: AccessWorld.rules + ["eve pull,push eve/*"]) { world in
            let person = try #require(AccessWorld.Person(rawValue: who))
            let client = AccessClient(port: world.port, person: person)
            let source = from.contains("public") ? "public/app" : "team/app"
            let digest = try #require(world.layers[source])
            let target = person == .eve ? "eve/x" : "team/y"
            let answer = try await client.send("POST", "/v2/\(target)/blobs/uploads/?mount=\(digest)\(from)")
            #expect(answer.status == status)
            let blob = try await client.send("GET", "/v2/\(target)/blobs/\(digest)")
            #expect(blob.status == (status == 201 ? 200 : 404))
        }
    }

    @Test("speak of both spellings of a name without a slash")
    func spellings() async throws {
        try await withAccessWorld(rules: AccessWorld.rules + ["amy pull library/tool", "eve pull other"]) { world in
            let boss = AccessClient(port: world.port, person: .boss)
            let image = TestImage(TestImage.id("70"), layer: try TestLayer.gzip(TestLayer.tar("t", [1])))
            try await boss.push(image, to: "tool", tag: "latest")
            let amy = AccessClient(port: world.port, person: .amy)
            let eve = AccessClient(port: world.port, person: .eve)
            for target in [
                "/v2/tool/manifests/latest", "/v2/library/tool/manifests/latest", "/v1/repositories/tool/tags",
                "/v1/repositories/library/tool/tags",
            ] {
                #expect(try await amy.send("GET", target).status == 200, "\(target)")
                #expect(try await eve.send("GET", target).status == 403, "\(target)")
            }
            #expect(try await amy.send("GET", "/v2/_catalog").text.contains("\"tool\""))
        }
    }

    @Test(
        "cannot be got around by another spelling of a path",
        arguments: [
            "/v2/team%2Fapp/tags/list", "/v2//team/app/tags/list", "/v2/public/../team/app/tags/list",
            "/v2/public/%2e%2e/team/app/tags/list", "/v2/./team/app/tags/list", "/v2/TEAM/app/tags/list",
            "/v1/repositories/public/../team/app/tags", "/v1/repositories/team%2Fapp/tags",
            "/v1/repositories/team/app//tags",
            "/v1/repositories/team//app/tags", "/v1//repositories/team/app/tags",
            "/v1/repositories/public%2F..%2Fteam/app/tags",
            "/v1/repositories/team/app/tags?x=public/app", "/v1/repositories//team/app/tags",
        ]
    )
    func detours(target: String) async throws {
        try await withAccessWorld { world in
            for person in [AccessWorld.Person.nobody, .eve] {
                let answer = try await AccessClient(port: world.port, person: person).send("GET", target)
                #expect(answer.status >= 300, "\(target): \(answer.status)")
                #expect(!answer.text.contains("modern") && !answer.text.contains("old"))
            }
        }
    }

    @Test("serve those who have no login, and those who have one, by a token that this server gives out")
    func ownTokens() async throws {
        try await withAccessWorld { world in
            func client(_ person: AccessWorld.Person, _ token: String? = nil) -> AccessClient {
                AccessClient(port: world.port, person: person, authorization: token.map { "Bearer \($0)" })
            }
            func token(_ person: AccessWorld.Person) async throws -> String {
                let answer = try await client(person).send("GET", "/v2/_token?service=x&scope=repository:team/app:pull")
                #expect(answer.status == 200)
                return try JSONValue(parsing: answer.body)["token"]?.string ?? ""
            }
            let challenge = try await client(.nobody).send("GET", "/v2/")["www-authenticate"]
            #expect(challenge == "Bearer realm=\"http://registry.test:5000/v2/_token\",service=\"registry.test:5000\"")
            let anonymous = try await token(.nobody)
            #expect(try await client(.nobody, anonymous).send("GET", "/v2/").status == 200)
            #expect(try await client(.nobody, anonymous).send("GET", "/v2/public/app/tags/list").status == 200)
            let refused = try await client(.nobody, anonymous).send("GET", "/v2/team/app/tags/list")
            #expect(refused.status == 401 && refused["www-authenticate"]?.contains("team/app:pull") == true)
            let amy = try await token(.amy)
            #expect(try await client(.amy, amy).send("GET", "/v2/team/app/tags/list").status == 200)
            #expect(try await client(.amy, amy).send("POST", "/v2/team/app/blobs/uploads/").status == 403)
            let wrong = try await client(.wrongPassword).send("GET", "/v2/_token")
            #expect(wrong.status == 401 && wrong["www-authenticate"] == "Basic realm=\"Harbour\"")
            let forged = try await client(.amy, amy + "A").send("GET", "/v2/team/app/tags/list")
            #expect(forged.status == 401 && forged["www-authenticate"]?.contains("error=\"invalid_token\"") == true)
            // What is given out in one protocol is good in no other.
            let v1 = AccessClient(port: world.port, person: .amy, authorization: "Token signature=\(amy)")
            #expect(try await v1.send("GET", "/v1/repositories/team/app/tags").status == 401)
        }
    }

    @Test("bind v1's tokens: each is good for its repository and its purpose, and for what its user may do now")
    func v1Tokens() async throws {
        try await withAccessWorld { world in
            let ci = AccessClient(port: world.port, person: .ci)
            let read = try await ci.send("GET", "/v1/repositories/team/app/images")["x-docker-token"]
            var holder = AccessClient(port: world.port, person: .ci, authorization: read.map { "Token \($0)" })
            #expect(try await holder.send("GET", "/v1/repositories/team/app/tags").status == 200)
            #expect(try await holder.send("GET", "/v1/repositories/public/app/tags").status == 401)
            #expect(
                try await holder.send("PUT", "/v1/repositories/team/app/images", body: Array("[]".utf8)).status == 401
            )
            holder.authorization = try await ci.send("PUT", "/v1/repositories/team/app/", body: Array("[]".utf8))[
                "x-docker-token"
            ]
            #expect(
                try await holder.send("PUT", "/v1/repositories/team/app/images", body: Array("[]".utf8)).status == 204
            )
            #expect(try await holder.send("DELETE", "/v1/repositories/team/app/tags/none").status == 401)
            holder.authorization = "Token signature=AAAA.BBBB,repository=\"team/app\",access=write"
            #expect(try await holder.send("GET", "/v1/repositories/team/app/tags").status == 401)
        }
    }

    @Test("show a search without a login what every user may pull, where the operator wants that")
    func searchWithoutLogin() async throws {
        let tree = try ScratchTree()
        let users = try ScratchTree()
        try users.write(try AccessWorld.users(), to: "users")
        var access = try AccessWorld.settings(users: "\(users.path)/users", rules: ["* pull public/*", "boss *"])
        try await withRegistry(over: tree.open(), access: access) { port, _ in
            _ = try await AccessWorld(port: port)
            let answer = try await AccessClient(port: port, person: .nobody).send("GET", "/v1/search?q=app")
            #expect(answer.status == 401)
        }
        access.allowsSearchWithoutLogin = true
        try await withRegistry(over: tree.open(), access: access) { [access] port, _ in
            _ = access
            let nobody = AccessClient(port: port, person: .nobody)
            let answer = try await nobody.send("GET", "/v1/search?q=app")
            #expect(answer.status == 200 && answer.text.contains("public/app") && !answer.text.contains("team/app"))
            #expect(try await nobody.send("GET", "/v1/repositories/public/app/tags").status == 401)
            #expect(try await nobody.send("GET", "/v2/_catalog").status == 401)
        }
    }
}
