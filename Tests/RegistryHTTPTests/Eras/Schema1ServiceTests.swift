import Conversion
import Foundation
import ImageModel
import SystemLibraries
import Testing

/// Pushed schema1 manifests.
@Suite struct Schema1ServiceTests {
    @Test(
        "one is served as pushed, and its blob is the payload, as registry:2 requires",
        arguments: ["schema1-162", "schema1-191"]
    )
    func bytes(folder: String) async throws {
        let image = try GoldenImage(folder)
        try await ConformanceTarget.withDirectory { root in
            try await ConformanceTarget.withOwn(root: root) { port in
                let client = RegistryClient(port: port, repository: image.repository)
                try await client.push(image, by: .schema1)
                for reference in ["latest", image.manifestDigest] {
                    let answer = try await client.send("GET", "manifests/\(reference)", Era.schema1.pullHeaders)
                    #expect(answer.body == image.manifest)
                    #expect(answer["content-type"] == MediaType.schema1Signed.description)
                    #expect(answer["docker-content-digest"] == image.manifestDigest)
                }
                let hex = String(image.manifestDigest.dropFirst(7))
                let data = "\(root)/docker/registry/v2/blobs/sha256/\(hex.prefix(2))/\(hex)/data"
                let payload = Array(try #require(TestFiles.default.contents(atPath: data)))
                #expect(payload == (try SignedSchema1(verifying: image.manifest)).payload)
            }
        }
    }

    @Test(
        "one is accepted with any libtrust algorithm, and pulled by every era",
        arguments: ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"]
    )
    func algorithms(algorithm: String) async throws {
        let bytes = try Testdata.bytes("schema1/\(algorithm).json")
        let manifest = TestManifest(
            mediaType: MediaType.schema1Signed.description,
            String(decoding: bytes, as: UTF8.self)
        )
        try await ConformanceTarget.withDirectory { root in
            try await ConformanceTarget.withOwn(root: root) { port in
                let client = RegistryClient(port: port, repository: "quay/app")
                let forged = TestManifest(
                    mediaType: manifest.mediaType,
                    String(decoding: bytes, as: UTF8.self).replacing("quay/app", with: "quay/apq")
                )
                let refusal = try await client.push(forged, as: "latest")
                #expect(refusal.status == 400)
                #expect(try refusal.codes == ["MANIFEST_UNVERIFIED"])
                #expect(try await client.push(manifest, as: "latest").status == 201)
                let answer = try await client.send("GET", "manifests/latest")
                #expect(answer.body == bytes)
                #expect(answer["content-type"] == MediaType.schema1Signed.description)
                for type in [MediaType.schema2, .ociManifest] {
                    let derived = try await client.send("GET", "manifests/latest", [("Accept", type.description)])
                    #expect(derived.status == 200)
                    #expect(derived["content-type"] == type.description)
                }
            }
        }
    }

    @Test("one that registry:2 stored is signed once, and stays so")
    func unsignedStore() async throws {
        let image = try GoldenImage()
        try await ConformanceTarget.withDirectory { root in
            var bodies: Set<[UInt8]> = []
            for round in 0..<2 {
                let answers = try await ConformanceTarget.withOwn(root: root) { port in
                    let client = RegistryClient(port: port, repository: GoldenImage.repository)
                    if round == 0 {
                        try await client.push(image, by: .schema1)
                        let hex = image.manifestDigest.dropFirst(7)
                        let repository = "\(root)/docker/registry/v2/repositories/\(GoldenImage.repository)"
                        let signed = "\(repository)/_manifests/revisions/sha256/\(hex)/signed"
                        try TestFiles.default.removeItem(atPath: signed)
                    }
                    return [
                        try await client.send("GET", "manifests/latest", Era.schema1.pullHeaders),
                        try await client.send("GET", "manifests/\(image.manifestDigest)"),
                    ]
                }
                for answer in answers {
                    #expect(answer["docker-content-digest"] == image.manifestDigest)
                    #expect(try SignedSchema1(verifying: answer.body).digest.description == image.manifestDigest)
                    bodies.insert(answer.body)
                }
            }
            #expect(bodies.count == 1 && !bodies.contains(image.manifest))
        }
    }

    @Test("one with an invalid signature is refused, and nothing is stored")
    func unverified() async throws {
        let image = try GoldenImage()
        try await ConformanceTarget.withRepository { client in
            for layer in Set(image.layers.map(\.bytes)) { try await client.push(blob: layer) }
            let text = String(decoding: image.manifest, as: UTF8.self).replacing("amd64\",\n", with: "arm64\",\n")
            let answer = try await client.send("PUT", "manifests/latest", [], Array(text.utf8))
            #expect(answer.status == 400)
            #expect(try answer.codes == ["MANIFEST_UNVERIFIED"])
            #expect(try await client.send("GET", "manifests/latest").status == 404)
        }
    }

    @Test("one without signatures is accepted, and signed before it is served: engines require a signature")
    func unsigned() async throws {
        let image = try GoldenImage()
        let payload = try SignedSchema1(verifying: image.manifest).payload
        try await ConformanceTarget.withRepository { client in
            for layer in Set(image.layers.map(\.bytes)) { try await client.push(blob: layer) }
            let type = [("Content-Type", MediaType.schema1.description)]
            let pushed = try await client.send("PUT", "manifests/latest", type, payload)
            #expect(pushed.status == 201)
            #expect(pushed["docker-content-digest"] == image.manifestDigest)
            let accepts = [
                Era.schema1.pullHeaders, [("Accept", MediaType.schema1Signed.description)],
                [("Accept", MediaType.schema1.description)], [],
            ]
            var bodies: Set<[UInt8]> = []
            for headers in accepts {
                let answer = try await client.send("GET", "manifests/latest", headers)
                let signed = try SignedSchema1(verifying: answer.body)
                #expect(signed.payload == payload && !signed.keyIDs.isEmpty)
                #expect(answer["content-type"] == MediaType.schema1Signed.description)
                #expect(answer["docker-content-digest"] == image.manifestDigest)
                bodies.insert(answer.body)
            }
            #expect(bodies.count == 1)
            #expect(try await client.pull("latest", by: .oci).id == image.imageID)
        }
    }

    @Test("damaged signed bytes, or ones that an earlier version kept without signatures, are recreated")
    func damagedSignature() async throws {
        let image = try GoldenImage()
        let payload = try SignedSchema1(verifying: image.manifest).payload
        for damage in [[], Array(image.manifest.dropLast(9)), payload] {
            try await ConformanceTarget.withDirectory { root in
                try await ConformanceTarget.withOwn(root: root) { port in
                    let client = RegistryClient(port: port, repository: GoldenImage.repository)
                    try await client.push(image, by: .schema1)
                    let hex = image.manifestDigest.dropFirst(7)
                    let repository = "\(root)/docker/registry/v2/repositories/\(GoldenImage.repository)"
                    let file = "\(repository)/_manifests/revisions/sha256/\(hex)/signed"
                    try TestFiles.default.write(damage, toPath: file)
                    let answer = try await client.send("GET", "manifests/latest", Era.schema1.pullHeaders)
                    #expect(try SignedSchema1(verifying: answer.body).payload == payload)
                    #expect(try !SignedSchema1(verifying: answer.body).keyIDs.isEmpty)
                }
            }
        }
    }

    @Test("one that is pushed again without its signatures keeps them")
    func unsignedAfterwards() async throws {
        let image = try GoldenImage()
        let payload = try SignedSchema1(verifying: image.manifest).payload
        try await ConformanceTarget.withRepository { client in
            try await client.push(image, by: .schema1)
            let type = [("Content-Type", MediaType.schema1.description)]
            let pushed = try await client.send("PUT", "manifests/bare", type, payload)
            #expect(pushed.status == 201 && pushed["docker-content-digest"] == image.manifestDigest)
            for reference in ["latest", "bare", image.manifestDigest] {
                let answer = try await client.send("GET", "manifests/\(reference)", Era.schema1.pullHeaders)
                #expect(answer.body == image.manifest)
            }
        }
    }

    @Test("deleting one also deletes its derived configuration")
    func configurationFollows() async throws {
        try await ConformanceTarget.withRepository { client in
            let image = try GoldenImage()
            try await client.push(image, by: .schema1)
            #expect(try await client.pull("latest", by: .oci).id == image.imageID)
            #expect(try await client.send("GET", "blobs/\(image.imageID)").body == image.configuration)
            #expect(try await client.repository("a/other").send("GET", "blobs/\(image.imageID)").status == 404)
            #expect(try await client.send("DELETE", "manifests/\(image.manifestDigest)").status == 202)
            for method in ["GET", "HEAD"] {
                #expect(try await client.send(method, "blobs/\(image.imageID)").status == 404)
            }
        }
    }

    @Test("missing layers are all listed")
    func missingLayers() async throws {
        let image = try GoldenImage()
        try await ConformanceTarget.withRepository { client in
            let answer = try await client.send("PUT", "manifests/latest", [], image.manifest)
            #expect(answer.status == 400)
            #expect(
                try answer.codes
                    == Array(repeating: "MANIFEST_BLOB_UNKNOWN", count: Set(image.layers.map(\.digest)).count)
            )
        }
    }

    @Test("one with a broken chain, or an invalid layer, is 404 with the reason where it must be converted")
    func unconvertible() async throws {
        try await ConformanceTarget.withRepository { client in
            let layer = Array("no tar, and not gzip either".utf8)
            let digest = try await client.push(blob: layer)
            let ids = ["1", "2", "3"].map { String(repeating: $0, count: 64) }
            let chains = [
                (
                    "broken", [#"{"id":"\#(ids[0])","parent":"\#(ids[2])"}"#, #"{"id":"\#(ids[1])"}"#],
                    "expected the parent"
                ),
                ("damaged", [#"{"id":"\#(ids[0])"}"#], "cannot read its layer"),
            ]
            for (tag, images, reason) in chains {
                let layers = images.map { _ in #"{"blobSum":"\#(digest)"}"# }.joined(separator: ",")
                let history = images.map { text in
                    let quoted = String(decoding: JSONValue.string(text).compactEncoded(), as: UTF8.self)
                    return #"{"v1Compatibility":\#(quoted)}"#
                }
                let manifest = """
                    {"schemaVersion":1,"name":"a","tag":"b","architecture":"amd64","fsLayers":[\(layers)],\
                    "history":[\(history.joined(separator: ","))]}
                    """
                #expect(try await client.send("PUT", "manifests/\(tag)", [], Array(manifest.utf8)).status == 201)
                let answer = try await client.send("GET", "manifests/\(tag)", Era.oci.pullHeaders)
                #expect(answer.status == 404)
                #expect(try answer.codes == ["MANIFEST_UNKNOWN"])
                #expect(answer.text.contains(reason), "\(answer.text)")
                let stored = try await client.send("GET", "manifests/\(tag)", Era.schema1.pullHeaders)
                #expect(try SignedSchema1(verifying: stored.body).payload == Array(manifest.utf8))
            }
        }
    }
}
