import ImageModel
import RegistryCore
import RegistryHTTP
import SystemLibraries
import Testing

@Suite("Rules across repositories")
struct V2AccessTests {
    static let mounts: [(String, String, Int)] = [
        // A caller who may not pull from a source gets an upload, as if nothing were there.
        ("eve", "&from=team/app", 202), ("eve", "&from=none", 202), ("eve", "", 202), ("eve", "&from=public/app", 201),
        ("ci", "&from=team/app", 201), ("boss", "", 201),
    ]

    @Test("prevent mounting a blob that the caller may not pull", arguments: mounts)
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

    @Test("apply to both spellings of a name without a slash")
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

    @Test("prevent referring to another repository's content in a manifest: it appears not to exist")
    func named() async throws {
        try await withAccessWorld(rules: AccessWorld.rules + ["eve pull,push eve/*"]) { world in
            let eve = AccessClient(port: world.port, person: .eve)
            let missing = "sha256:\(String(repeating: "d", count: 64))"
            let layer = try #require(world.layers["team/app"])
            let manifest = try #require(world.manifests["team/app"])
            let configuration = try await eve.push(blob: Array("{}".utf8), into: "eve/x")
            func image(_ digest: String, _ type: MediaType) -> String {
                """
                {"schemaVersion":2,"mediaType":"\(MediaType.schema2)","config":{"mediaType":"\(type)","size":2,"digest":\
                "\(configuration)"},"layers":[{"mediaType":"\(MediaType.dockerLayerGzip)","size":1,"digest":"\(digest)"}]}
                """
            }
            func index(_ digest: String) -> String {
                """
                {"schemaVersion":2,"mediaType":"\(MediaType.ociIndex)","manifests":[{"mediaType":"\(MediaType.schema2)",\
                "size":1,"digest":"\(digest)"}]}
                """
            }
            let type = MediaType.dockerConfiguration
            for (texts, contentType, digest) in [
                ([image(layer, type), image(missing, type)], MediaType.schema2, layer),
                ([index(manifest), index(missing)], MediaType.ociIndex, manifest),
            ] {
                var answers: [TestAnswer] = []
                for text in texts {
                    let headers = ["Content-Type": contentType.description]
                    let target = "/v2/eve/x/manifests/t"
                    answers.append(try await eve.send("PUT", target, headers: headers, body: Array(text.utf8)))
                }
                #expect(answers[0].status == answers[1].status && (400...404).contains(answers[0].status))
                #expect(answers[0].text == answers[1].text.replacing(missing, with: digest))
            }
            // Referrers of another repository's manifest are not visible there.
            let subject = """
                {"schemaVersion":2,"mediaType":"\(MediaType.ociManifest)","config":{"mediaType":"\(type)","size":2,\
                "digest":"\(configuration)"},"layers":[],"subject":{"mediaType":"\(MediaType.schema2)","size":1,\
                "digest":"\(manifest)"}}
                """
            let headers = ["Content-Type": MediaType.ociManifest.description]
            let put = try await eve.send("PUT", "/v2/eve/x/manifests/s", headers: headers, body: Array(subject.utf8))
            #expect(put.status == 201, "\(put.text)")
            #expect(try await eve.send("GET", "/v2/team/app/referrers/\(manifest)").status == 403)
            let amy = AccessClient(port: world.port, person: .amy)
            #expect(try await amy.send("GET", "/v2/team/app/referrers/\(manifest)").text.contains("\"manifests\":[]"))
            #expect(try await eve.send("GET", "/v2/eve/x/blobs/\(layer)").status == 404)
            #expect(try await eve.send("GET", "/v2/eve/x/manifests/\(manifest)").status == 404)
        }
    }

    @Test(
        "hide names in a catalogue, wherever it begins",
        arguments: ["", "p", "public/app", "s", "team", "team/a"]
    )
    func catalogueAfter(last: String) async throws {
        try await withAccessWorld { world in
            let eve = AccessClient(port: world.port, person: .eve)
            for size in [1, 100] {
                let answer = try await eve.send("GET", "/v2/_catalog?n=\(size)&last=\(last)")
                #expect(answer.status == 200 && !answer.text.contains("team/app") && answer["link"] == nil)
            }
        }
    }

    @Test("serve those without a login, and those with one, by a token that this server issues")
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
            // A token of one protocol is invalid in the other.
            let v1 = AccessClient(port: world.port, person: .amy, authorization: "Token signature=\(amy)")
            #expect(try await v1.send("GET", "/v1/repositories/team/app/tags").status == 401)
        }
    }

    @Test("apply to v1 tokens: each is valid for its repository and its purpose, and for what its user may do now")
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
            let image = "/v1/images/\(TestImage.id("beef"))"
            for part in ["json", "layer", "checksum"] {
                #expect(try await holder.send("PUT", "\(image)/\(part)", body: Array("{}".utf8)).status == 401)
            }
            holder.authorization = try await ci.send("PUT", "/v1/repositories/team/app/", body: Array("[]".utf8))[
                "x-docker-token"
            ]
            #expect(
                try await holder.send("PUT", "/v1/repositories/team/app/images", body: Array("[]".utf8)).status == 204
            )
            #expect(try await holder.send("PUT", "\(image)/json", body: Array("{}".utf8)).status == 400)
            #expect(try await holder.send("DELETE", "/v1/repositories/team/app/tags/none").status == 401)
            holder.authorization = "Token signature=AAAA.BBBB,repository=\"team/app\",access=write"
            #expect(try await holder.send("GET", "/v1/repositories/team/app/tags").status == 401)
        }
    }

    @Test("show anonymous searches what every user may pull, if the operator allows them")
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
