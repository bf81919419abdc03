import Conversion
import ImageModel
import RegistryHTTP
import SystemLibraries
import Testing

@Suite("A v1 image that a caller may not read")
struct V1AccessTests {
    @Test("cannot be made part of another repository: it appears not to exist")
    func naming() async throws {
        try await withAccessWorld(rules: AccessWorld.rules + ["eve pull,push eve/*"]) { world in
            let eve = AccessClient(port: world.port, person: .eve)
            let secret = try #require(world.images["team/app"])
            let missing = TestImage.id("dead")
            for id in [secret.id, missing] {
                let tag = try await eve.send("PUT", "/v1/repositories/eve/x/tags/t", body: Array("\"\(id)\"".utf8))
                #expect(tag.status == 404 && tag.text == "{\"error\": \"Image not found\"}")
                let child = TestImage(TestImage.id("c0"), parent: id, layer: [])
                let json = try await eve.send("PUT", "/v1/images/\(child.id)/json", body: child.json)
                #expect(json.status == 400 && json.text == "{\"error\": \"Image depends on a non existing parent\"}")
                for part in ["json", "layer", "ancestry", "files", "diff"] {
                    let answer = try await eve.send("GET", "/v1/images/\(id)/\(part)")
                    #expect(answer.status == 404 && answer.text == "{\"error\": \"Image not found\"}", "\(part)")
                }
            }
            #expect(try await eve.send("GET", "/v2/eve/x/manifests/t").status == 404)
        }
    }

    @Test("can be pushed again by a caller who has it, whoever pushed it first, who may then tag it")
    func claim() async throws {
        try await withAccessWorld(rules: AccessWorld.rules + ["eve pull,push eve/*"]) { world in
            let eve = AccessClient(port: world.port, person: .eve)
            let secret = try #require(world.images["team/app"])
            try await eve.push(secret, to: "eve/copy", tag: "mine")
            let layer = try await eve.send("GET", "/v1/images/\(secret.id)/layer")
            #expect(layer.status == 200 && layer.body == secret.layer)
            #expect(layer["cache-control"] == "private, max-age=31536000")
        }
    }

    @Test("cannot be obtained by pushing something else under its id, and stays unchanged")
    func falseClaim() async throws {
        try await withAccessWorld(rules: AccessWorld.rules + ["eve pull,push eve/*"]) { world in
            let eve = AccessClient(port: world.port, person: .eve)
            let secret = try #require(world.images["team/app"])
            let forged = TestImage(secret.id, comment: "forged", layer: try TestLayer.gzip(TestLayer.tar("f", [1])))
            let sameJSON = TestImage(secret.id, comment: "team/app", layer: forged.layer)
            for image in [forged, sameJSON] {
                let path = "/v1/images/\(image.id)"
                #expect(try await eve.send("PUT", "\(path)/json", body: image.json).status == 200)
                #expect(try await eve.send("PUT", "\(path)/layer", body: image.layer).status == 200)
                let headers = ["X-Docker-Checksum-Payload": image.checksum]
                let checksum = try await eve.send("PUT", "\(path)/checksum", headers: headers)
                #expect(checksum.status == 400 && checksum.text == "{\"error\": \"Checksum mismatch\"}")
            }
            #expect(try await eve.send("GET", "/v1/images/\(secret.id)/json").status == 404)
            let body = Array("\"\(secret.id)\"".utf8)
            #expect(try await eve.send("PUT", "/v1/repositories/eve/x/tags/t", body: body).status == 404)
            let amy = AccessClient(port: world.port, person: .amy)
            #expect(try await amy.send("GET", "/v1/images/\(secret.id)/layer").body == secret.layer)
            #expect(try await amy.send("GET", "/v1/images/\(secret.id)/json").body == secret.json)
        }
    }

    @Test("is visible through every repository that contains it, as long as it does")
    func holders() async throws {
        try await withAccessWorld { world in
            let secret = try #require(world.images["team/app"])
            let boss = AccessClient(port: world.port, person: .boss)
            let nobody = AccessClient(port: world.port, person: .nobody)
            let path = "/v1/images/\(secret.id)/json"
            #expect(try await nobody.send("GET", path).status == 404)
            let tag = "/v1/repositories/public/other/tags/t"
            #expect(try await boss.send("PUT", tag, body: Array("\"\(secret.id)\"".utf8)).status == 200)
            #expect(try await nobody.send("GET", path).status == 200)
            #expect(try await boss.send("DELETE", tag).status == 200)
            #expect(try await nobody.send("GET", path).status == 404)
        }
    }

    @Test("is not visible through a manifest that claims to contain an image of that id")
    func forgedSchema1() async throws {
        try await withAccessWorld(rules: AccessWorld.rules + ["eve pull,push eve/*"]) { world in
            let eve = AccessClient(port: world.port, person: .eve)
            let secret = try #require(world.images["team/app"])
            let layer = try TestLayer.gzip(TestLayer.tar("eve", [1]))
            let digest = try await eve.push(blob: layer, into: "eve/x")
            let history = String(decoding: secret.json, as: UTF8.self).replacing("\"", with: "\\\"")
            let payload = """
                {"schemaVersion":1,"name":"eve/x","tag":"t","architecture":"amd64","fsLayers":[{"blobSum":"\(digest)"}],\
                "history":[{"v1Compatibility":"\(history)"}]}
                """
            let signed = try SignedManifest.sign(payload)
            let put = try await eve.send(
                "PUT",
                "/v2/eve/x/manifests/t",
                headers: ["Content-Type": "application/vnd.docker.distribution.manifest.v1+prettyjws"],
                body: signed
            )
            #expect(put.status == 201, "\(put.text)")
            // Eve sees what she has pushed, the others see what existed before.
            let seen = try await eve.send("GET", "/v1/images/\(secret.id)/layer")
            #expect(seen.status == 200 && seen.body == layer)
            let body = Array("\"\(secret.id)\"".utf8)
            #expect(try await eve.send("PUT", "/v1/repositories/eve/y/tags/t", body: body).status == 404)
            let amy = AccessClient(port: world.port, person: .amy)
            #expect(try await amy.send("GET", "/v1/images/\(secret.id)/layer").body == secret.layer)
        }
    }

    @Test("of a v2 push is visible under its projected id to callers who may pull it, and to no others")
    func projections() async throws {
        try await withAccessWorld { world in
            let amy = AccessClient(port: world.port, person: .amy)
            let tags = try await amy.send("GET", "/v1/repositories/team/app/tags/modern")
            let id = tags.text.filter { $0 != "\"" }
            #expect(try await amy.send("GET", "/v1/images/\(id)/json").status == 200)
            #expect(try await amy.send("GET", "/v1/images/\(id)/layer").status == 200)
            let eve = AccessClient(port: world.port, person: .eve)
            for part in ["json", "layer", "ancestry", "files"] {
                #expect(try await eve.send("GET", "/v1/images/\(id)/\(part)").status == 404)
            }
            let ci = AccessClient(port: world.port, person: .ci)
            // Tagging it in their own repository writes it into the tree; its visibility does not change.
            let body = Array("\"\(id)\"".utf8)
            #expect(try await ci.send("PUT", "/v1/repositories/team/copy/tags/t", body: body).status == 200)
            #expect(try await amy.send("GET", "/v1/images/\(id)/json").status == 200)
            #expect(try await eve.send("GET", "/v1/images/\(id)/json").status == 404)
        }
    }

    @Test("is not visible through a manifest that lists its blob as a foreign layer")
    func foreignLayer() async throws {
        try await withAccessWorld(rules: AccessWorld.rules + ["eve pull,push eve/*"]) { world in
            let eve = AccessClient(port: world.port, person: .eve)
            let secret = try #require(world.layers["team/app"])
            let configuration = Array(#"{"architecture":"amd64","os":"windows"}"#.utf8)
            let digest = try await eve.push(blob: configuration, into: "eve/x")
            let manifest = """
                {"schemaVersion":2,"mediaType":"\(MediaType.schema2)","config":{"mediaType":\
                "\(MediaType.dockerConfiguration)","size":\(configuration.count),"digest":"\(digest)"},"layers":[\
                {"mediaType":"\(MediaType.dockerForeignLayer)","size":1,"digest":"\(secret)","urls":["http://a/"]}]}
                """
            let headers = ["Content-Type": MediaType.schema2.description]
            let put = try await eve.send("PUT", "/v2/eve/x/manifests/t", headers: headers, body: Array(manifest.utf8))
            #expect(put.status == 201)
            let ids = try ProjectedChain.ids(configuration: configuration, layers: [Digest(parsing: secret)])
            for person in [AccessWorld.Person.eve, .boss] {
                let client = AccessClient(port: world.port, person: person)
                #expect(try await client.send("GET", "/v1/repositories/eve/x/tags/t").status == 404)
                for part in ["json", "layer", "ancestry", "files"] {
                    #expect(try await client.send("GET", "/v1/images/\(ids[0])/\(part)").status == 404, "\(part)")
                }
            }
            let body = Array("\"\(ids[0])\"".utf8)
            #expect(try await eve.send("PUT", "/v1/repositories/eve/y/tags/t", body: body).status == 404)
        }
    }

    @Test("of a v2 push has the layers of its repository, and none that only another one has")
    func lostLayer() async throws {
        try await withAccessWorld(rules: AccessWorld.rules + ["eve pull eve/*"]) { world in
            let boss = AccessClient(port: world.port, person: .boss)
            let eve = AccessClient(port: world.port, person: .eve)
            let layer = try TestLayer.gzip(TestLayer.tar("v2", Array("team/app".utf8)))
            let digest = try await boss.push(blob: layer, into: "eve/x")
            #expect(digest == world.layers["team/app"])
            _ = try await boss.push(manifestOf: layer, into: "eve/x", tag: "t")
            let id = try await eve.send("GET", "/v1/repositories/eve/x/tags/t").text.filter { $0 != "\"" }
            #expect(try await eve.send("GET", "/v1/images/\(id)/layer").body == layer)
            #expect(try await boss.send("DELETE", "/v2/eve/x/blobs/\(digest)").status == 202)
            #expect(try await eve.send("GET", "/v1/images/\(id)/layer").status == 404)
            #expect(try await boss.send("GET", "/v2/team/app/blobs/\(digest)").body == layer)
        }
    }

    @Test("is not revealed to a push that began before it was complete")
    func unfinished() async throws {
        try await withAccessWorld(rules: AccessWorld.rules + ["eve pull,push eve/*"]) { world in
            let eve = AccessClient(port: world.port, person: .eve)
            let ci = AccessClient(port: world.port, person: .ci)
            let image = TestImage(TestImage.id("f1"), layer: try TestLayer.gzip(TestLayer.tar("x", [7])))
            #expect(try await ci.send("PUT", "/v1/images/\(image.id)/json", body: image.json).status == 200)
            // Another user knows the id, begins it too, and sees nothing of what arrives.
            let other = TestImage(image.id, comment: "other", layer: [])
            #expect(try await eve.send("PUT", "/v1/images/\(image.id)/json", body: other.json).status == 200)
            try await ci.push(image, to: "team/new", tag: "t")
            #expect(try await eve.send("GET", "/v1/images/\(image.id)/layer").status == 404)
            let headers = ["X-Docker-Checksum-Payload": other.checksum]
            _ = try await eve.send("PUT", "/v1/images/\(image.id)/checksum", headers: headers)
            let body = Array("\"\(image.id)\"".utf8)
            #expect(try await eve.send("PUT", "/v1/repositories/eve/x/tags/t", body: body).status == 404)
            #expect(try await eve.send("GET", "/v1/images/\(image.id)/json").status == 404)
        }
    }
}

/// A schema1 manifest as signed by an engine.
private enum SignedManifest {
    static func sign(_ payload: String) throws -> [UInt8] {
        try SignedSchema1(signing: Array(payload.utf8), by: P256PrivateKey(), at: "2015-06-01T00:00:00Z").bytes
    }
}
