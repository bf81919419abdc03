import RegistryHTTP
import Testing

@Suite("Another spelling of a path")
struct DetourTests {
    @Test(
        "reveals nothing that may not be read",
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

    @Test(
        "changes nothing that may not be written",
        arguments: [
            ("PUT", "/v1/repositories/eve/../team/app/tags/old"),
            ("PUT", "/v1/repositories/eve%2F..%2Fteam/app/tags/old"),
            ("PUT", "/v1/repositories/eve/%2e%2e/team/app/tags/old"),
            ("DELETE", "/v1/repositories/eve/../team/app/tags"),
            ("DELETE", "/v1/repositories/eve/../team/app/tags/old"), ("DELETE", "/v1/repositories/eve//../team/app/"),
            ("PUT", "/v1/repositories/eve/x/tags/..%2F..%2F..%2Fteam%2Fapp%2Ftag_old"),
            ("PUT", "/v1/repositories/eve/%2e%2e%2fteam%2fapp/properties"),
            ("DELETE", "/v2/eve/../team/app/manifests/old"),
            ("DELETE", "/v2/eve/%2e%2e/team/app/manifests/old"), ("DELETE", "/v2/eve%2F..%2Fteam/app/manifests/old"),
            ("DELETE", "/v2/eve/x/manifests/..%2F..%2F..%2Fteam%2Fapp%2F_manifests%2Ftags%2Fold"),
            ("POST", "/v2/eve/../team/app/blobs/uploads/"), ("PUT", "/v1/repositories/eve/../team/app/images"),
        ]
    )
    func writtenDetours(method: String, target: String) async throws {
        try await withAccessWorld(rules: AccessWorld.rules + ["eve pull,push,delete eve/*"]) { world in
            let eve = AccessClient(port: world.port, person: .eve)
            let boss = AccessClient(port: world.port, person: .boss)
            let image = TestImage(TestImage.id("e0e"), layer: try TestLayer.gzip(TestLayer.tar("e", [1])))
            try await eve.push(image, to: "eve/x", tag: "t")
            func state() async throws -> [[UInt8]] {
                var bodies: [[UInt8]] = []
                for target in ["tags", "images", "properties", "json"] {
                    bodies.append(try await boss.send("GET", "/v1/repositories/team/app/\(target)").body)
                }
                return bodies + [try await boss.send("GET", "/v2/team/app/tags/list").body]
            }
            let before = try await state()
            let answer = try await eve.send(method, target, body: Array("\"\(image.id)\"".utf8))
            #expect(answer.status != 500)
            world.expectNoLeak(answer, Endpoint(method, target, .nothing, 0)) { _ in false }
            #expect(try await state() == before)
        }
    }
}
