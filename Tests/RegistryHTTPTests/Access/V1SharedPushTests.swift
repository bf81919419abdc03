import RegistryHTTP
import Testing

@Suite("A v1 image that several users push")
struct V1SharedPushTests {
    @Test(
        "is finished by the user who began it, without anything that another has sent, even after a restart",
        arguments: [false, true]
    )
    func takeover(restarts: Bool) async throws {
        let tree = try ScratchTree()
        let users = try ScratchTree()
        try users.write(try AccessWorld.users(), to: "users")
        let access = try AccessWorld.settings(
            users: "\(users.path)/users",
            rules: AccessWorld.rules + ["eve pull,push eve/*"]
        )
        let parent = TestImage(
            TestImage.id("fa"),
            comment: "secret",
            layer: try TestLayer.gzip(TestLayer.tar("p", [1]))
        )
        let image = TestImage(
            TestImage.id("f2"),
            parent: parent.id,
            comment: "secret",
            layer: try TestLayer.gzip(TestLayer.tar("x", [7]))
        )
        let path = "/v1/images/\(image.id)"
        let old = ["User-Agent": "docker/0.9.0 go/go1.2", "X-Docker-Checksum": "tarsum+sha256:0"]
        @Sendable func begin(_ port: Int) async throws {
            let ci = AccessClient(port: port, person: .ci)
            try await ci.push(parent, to: "team/new", tag: "parent")
            #expect(try await ci.send("PUT", "\(path)/json", body: image.json).status == 200)
            #expect(try await ci.send("PUT", "\(path)/layer", body: image.layer).status == 200)
        }
        @Sendable func finish(_ port: Int) async throws {
            let eve = AccessClient(port: port, person: .eve)
            // An image that the user has not begun does not exist.
            let good = ["X-Docker-Checksum-Payload": image.checksum]
            for headers in [old, good] {
                #expect(try await eve.send("PUT", "\(path)/checksum", headers: headers).status == 404)
            }
            #expect(try await eve.send("PUT", "\(path)/layer", body: [1]).status == 404)
            // Beginning it does not help either: the JSON cannot be the same, for its parent is not visible to them.
            #expect(try await eve.send("PUT", "\(path)/json", body: image.json).status == 400)
            let forged = TestImage(image.id, comment: "eve", layer: image.layer)
            #expect(try await eve.send("PUT", "\(path)/json", body: forged.json).status == 200)
            for headers in [old, good, ["X-Docker-Checksum-Payload": forged.checksum]] {
                let answer = try await eve.send("PUT", "\(path)/checksum", headers: headers)
                #expect(answer.status == 400 && answer.text == "{\"error\": \"Checksum mismatch\"}")
            }
            // However much they send, the other's data is not affected.
            for number in 0..<20 {
                let other = TestImage(image.id, comment: "eve \(number)", layer: [UInt8(number)])
                #expect(try await eve.send("PUT", "\(path)/json", body: other.json).status == 200)
                #expect(try await eve.send("PUT", "\(path)/layer", body: other.layer).status == 200)
            }
            let ci = AccessClient(port: port, person: .ci)
            #expect(try await ci.send("PUT", "\(path)/checksum", headers: good).status == 200)
            let tag = Array("\"\(image.id)\"".utf8)
            #expect(try await ci.send("PUT", "/v1/repositories/team/new/tags/t", body: tag).status == 200)
            #expect(try await ci.send("GET", "\(path)/layer").body == image.layer)
            #expect(try await ci.send("GET", "\(path)/json").body == image.json)
            for part in ["json", "layer", "ancestry"] {
                #expect(try await eve.send("GET", "\(path)/\(part)").status == 404)
            }
            #expect(try await eve.send("PUT", "/v1/repositories/eve/x/tags/t", body: tag).status == 404)
        }
        try await withRegistry(over: tree.open(), access: access) { port, _ in
            try await begin(port)
            if !restarts { try await finish(port) }
        }
        if restarts { try await withRegistry(over: tree.open(), access: access) { port, _ in try await finish(port) } }
    }

    @Test("is begun by two users with the same bytes, and each finishes their own")
    func both() async throws {
        try await withAccessWorld(rules: AccessWorld.rules + ["eve pull,push eve/*"]) { world in
            let eve = AccessClient(port: world.port, person: .eve)
            let ci = AccessClient(port: world.port, person: .ci)
            let image = TestImage(TestImage.id("f3"), layer: try TestLayer.gzip(TestLayer.tar("x", [8])))
            let path = "/v1/images/\(image.id)"
            for client in [ci, eve] {
                #expect(try await client.send("PUT", "\(path)/json", body: image.json).status == 200)
            }
            for client in [ci, eve] {
                #expect(try await client.send("PUT", "\(path)/layer", body: image.layer).status == 200)
            }
            let headers = ["X-Docker-Checksum-Payload": image.checksum]
            for client in [eve, ci] {
                #expect(try await client.send("PUT", "\(path)/checksum", headers: headers).status == 200)
            }
            let tag = Array("\"\(image.id)\"".utf8)
            #expect(try await eve.send("PUT", "/v1/repositories/eve/x/tags/t", body: tag).status == 200)
            // The user whose push was left over pushes the existing image again.
            #expect(try await ci.send("PUT", "/v1/repositories/team/x/tags/t", body: tag).status == 404)
            try await ci.push(image, to: "team/x", tag: "t")
        }
    }

    @Test("is limited in concurrent repeated pushes per user, where the oldest is restarted, and no other user's")
    func claimLimit() async throws {
        try await withAccessWorld(rules: AccessWorld.rules + ["eve pull,push eve/*"]) { world in
            let ci = AccessClient(port: world.port, person: .ci)
            let eve = AccessClient(port: world.port, person: .eve)
            var images: [TestImage] = []
            for number in 0..<65 {
                let image = TestImage(
                    TestImage.id("d\(100 + number)"),
                    layer: try TestLayer.gzip(TestLayer.tar("x", [9]))
                )
                try await ci.push(image, to: "team/many", tag: "t\(number)")
                images.append(image)
            }
            for image in images {
                #expect(try await eve.send("PUT", "/v1/images/\(image.id)/json", body: image.json).status == 200)
            }
            for (index, status) in [(0, 404), (1, 200), (64, 200)] {
                let answer = try await eve.send(
                    "PUT",
                    "/v1/images/\(images[index].id)/layer",
                    body: images[index].layer
                )
                #expect(answer.status == status)
            }
        }
    }
}
