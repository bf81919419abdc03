import Foundation
import ImageModel
import RegistryCore
import Testing

@Suite("The operator's settings for old clients")
struct V1SettingsTests {
    /// A client's User-Agent, and whether v2 is hidden from it.
    static let agents: [(String, Bool)] = [
        ("docker/0.9.1 go/go1.2 os/linux arch/amd64", true),
        ("docker/1.0.1 go/go1.2.1 git-commit/990021a kernel/3.13 os/linux arch/amd64", true),
        ("docker/1.5.0 go/go1.4.1 git-commit/a8a31ef kernel/3.16.0-4-amd64 os/linux arch/amd64", true),
        ("docker/1.5.0-dev go/go1.4.1", true),
        ("Go 1.1 package http", true),
        ("docker/1.6.0 go/go1.4.2", false),
        ("docker/1.6.0-rc2 go/go1.4.2", false),
        ("docker/1.12.6 go/go1.6.4", false),
        ("docker/1.50.0 go/go1.6.4", false),
        ("docker/20.10.5 go/go1.15", false),
        ("Go-http-client/1.1", false),
        ("curl/7.88", false),
        ("docker/dev go/go1.4", false),
        ("", false),
    ]

    @Test(
        "v2 is hidden from Docker up to 1.5 and its probe, and from no client when that is switched off",
        arguments: agents
    )
    func hidesV2(agent: String, isHidden: Bool) async throws {
        for (limit, expectsHidden) in [(DockerRelease.lastWithoutUsableV2, isHidden), (nil, false)] {
            let tree = try ScratchTree()
            try await withRegistry(over: tree.open(), v1: V1Settings(hidesV2UpTo: limit)) { port, _ in
                for target in ["/v2/", "/v2/a/tags/list", "/v2"] {
                    let answer = try await exchange("GET", target, headers: ["User-Agent": agent], port: port)
                    #expect((answer["docker-distribution-api-version"] == nil) == expectsHidden)
                    if expectsHidden { #expect(answer.status == 404) }
                }
                #expect(try await V1Daemon(port: port, agent: agent).get("_ping").status == 200)
            }
        }
    }

    @Test("v1 can be limited to pulls, or disabled")
    func access() async throws {
        let tree = try ScratchTree()
        let image = TestImage(TestImage.id("1"), layer: try TestLayer.gzip(TestLayer.tar("a", [1])))
        try await withRegistry(over: tree.open()) { port, _ async throws in
            let daemon = V1Daemon(port: port)
            #expect(try await daemon.push(image) == [200, 200, 200])
            #expect(try await daemon.tag("a/b", "t", image.id) == 200)
        }
        try await withRegistry(over: tree.open(), v1: V1Settings(access: .readOnly)) { port, _ async throws in
            let daemon = V1Daemon(port: port)
            #expect(try await daemon.get("images/\(image.id)/layer").body == image.layer)
            #expect(try await daemon.tag("a/b", "u", image.id) == 405)
            #expect(try await daemon.delete("repositories/a/b/tags/t").status == 405)
            #expect(try await V2Client(port: port).get("a/b/manifests/t").status == 200)
            #expect(try await exchange("POST", "/v1/users/", body: Array("{}".utf8), port: port).status == 201)
        }
        try await withRegistry(over: tree.open(), v1: V1Settings(access: .disabled)) { port, _ async throws in
            let daemon = V1Daemon(port: port)
            for target in ["_ping", "images/\(image.id)/json", "search", "users/"] {
                let answer = try await daemon.get(target)
                #expect(answer.status == 404)
            }
            #expect(try await V2Client(port: port).get("a/b/manifests/t").status == 200)
        }
    }

    @Test("v1 images are served to v1 only when conversion is off")
    func conversionOff() async throws {
        let tree = try ScratchTree()
        let image = TestImage(TestImage.id("1"), layer: try TestLayer.gzip(TestLayer.tar("a", [1])))
        try await withRegistry(over: tree.open(), v1: V1Settings(conversion: .off)) { port, _ async throws in
            let daemon = V1Daemon(port: port)
            #expect(try await daemon.push(image) == [200, 200, 200])
            #expect(try await daemon.tag("a/b", "t", image.id) == 200)
            #expect(try await daemon.get("repositories/a/b/tags/t").status == 200)
            #expect(try await V2Client(port: port).get("a/b/manifests/t").status == 404)
        }
    }

    @Test("an existing v1 tree is converted in the background, except for damaged images")
    func background() async throws {
        let tree = try ScratchTree(unpacking: Testdata.bytes("v1/trees.tar.gz"))
        let before = try tree.snapshot { !$0.hasPrefix("all/images") && !$0.hasPrefix("all/repositories") }
        try await withRegistry(over: tree.open("all"), v1: V1Settings(conversion: .background)) {
            port,
            registry in
            try await registry.upkeep.convertAll()
            #expect(tree.contains("all/docker/registry/v2/repositories/centos/_manifests/tags/latest/current/link"))
            #expect(!tree.contains("all/docker/registry/v2/repositories/dmg/badlayer/_manifests/tags/latest"))
            #expect(try await V2Client(port: port).get("centos/manifests/latest").status == 200)
        }
        let after = try tree.snapshot { !$0.hasPrefix("all/images") && !$0.hasPrefix("all/repositories") }
        #expect(after == before)
    }
}
