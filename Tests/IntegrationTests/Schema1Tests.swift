import Foundation
import Testing

extension Integration {
    @Suite("schema1 manifests, for clients old and new") struct Schema1Tests {
        /// Docker 1.9, which accepts only schema1 and sends no Accept.
        private static let agent = [
            "-H", "Accept:", "-A", "docker/1.9.1 go/go1.4.3 git-commit/a34a1d5 kernel/4.2.0 os/linux arch/amd64",
        ]

        @Test("an engine accepts one that is signed here", .needsRoot, .needs("curl", "dockerd", "docker"))
        func engine() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree.engines(in: directory)
                try await withLongshore(serving: tree) { server in
                    try await Engine.run(in: directory) { engine in
                        for name in ["golden/engine-150", "golden/engine-1126"] {
                            let digest = try await schema1(of: name, "latest", at: server.host).digest
                            let pulled = try await engine(["pull", "\(server.host)/\(name)@\(digest)"]).succeeded()
                            #expect(pulled.text.contains("Digest: \(digest)"))
                        }
                    }
                }
            }
        }

        @Test(
            "skopeo pulls one, and openssl verifies the signature with the key",
            .needs("curl", "skopeo", "openssl", "python3")
        )
        func signature() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree.engines(in: directory)
                try await withLongshore(serving: tree) { server in
                    let (digest, bytes) = try await schema1(of: "golden/engine-150", "latest", at: server.host)
                    let reference = "docker://\(server.host)/golden/engine-150@\(digest)"
                    _ = try await Skopeo.copy(reference, "dir:\(directory.path("out"))").succeeded()
                    let manifest = try directory.write(bytes, to: "manifest.json")
                    _ = try await Program("python3").run(["-c", Self.parts, manifest, directory.path]).succeeded()
                    #expect(try await sha256(of: "cat '\(directory.path("payload"))'") == digest)
                    let verified = try await Program("openssl").run(
                        [
                            "dgst", "-sha256", "-verify", directory.path("key.pem"), "-signature",
                            directory.path("signature"), directory.path("signed"),
                        ]
                    )
                    #expect(verified.text == "Verified OK\n", "\(verified.errorText)")
                    let key = try await Program("openssl").run(["ec", "-in", "\(tree)/longshore/key.pem", "-pubout"])
                    let expected = try Data(contentsOf: URL(filePath: directory.path("key.pem")))
                    #expect(try key.succeeded().output == expected)
                }
            }
        }

        @Test(
            "made of an image with empty layers, it is accepted by skopeo and by an engine, with the layers that have files",
            .needsRoot,
            .needs("curl", "dockerd", "docker", "skopeo"),
            arguments: ["v2s2", "oci"]
        )
        func emptyLayers(format: String) async throws {
            try await withTemporaryDirectory { directory in
                let image = try await BuiltImage(in: directory)
                try await withLongshore(serving: try directory.makeDirectory("registry")) { server in
                    let name = "\(server.host)/built/image"
                    _ = try await Skopeo.copy(image.reference, "docker://\(name):1", ["--format", format]).succeeded()
                    let digest = try await schema1(of: "built/image", "1", at: server.host).digest
                    let out = directory.path("out")
                    let copied = try await Skopeo.copy(
                        "docker://\(name)@\(digest)",
                        "dir:\(out)",
                        ["--format", "v2s1"]
                    )
                    _ = try copied.succeeded()
                    let manifest = try String(contentsOfFile: "\(out)/manifest.json", encoding: .utf8)
                    #expect(manifest.contains(/"schemaVersion":\s*1/))
                    #expect(manifest.matches(of: /"blobSum"/).count == 18)
                    try await Engine.run(in: directory) { engine in
                        _ = try await engine(["pull", "\(name)@\(digest)"]).succeeded()
                        let format = "{{range .RootFS.Layers}}{{println .}}{{end}}"
                        let inspect = ["image", "inspect", "--format", format, "\(name)@\(digest)"]
                        let layers = try await engine(inspect).succeeded().text.split(separator: "\n").map(String.init)
                        #expect(layers == image.layers.map(\.diffID))
                    }
                }
            }
        }

        @Test(
            "made of an image with empty layers, it equals registry:2's, byte for byte",
            .needs("curl", "skopeo", "docker-registry")
        )
        func sameAsDockerRegistry() async throws {
            try await withTemporaryDirectory { directory in
                let image = try await BuiltImage(in: directory)
                func payload(at host: String) async throws -> String {
                    _ = try await Skopeo.copy(image.reference, "docker://\(host)/built/image:1").succeeded()
                    return try await schema1(of: "built/image", "1", at: host).digest
                }
                let theirs = try await withDockerRegistry(
                    serving: try directory.makeDirectory("theirs"),
                    settings: Self.settings
                ) { try await payload(at: $0) }
                let ours = try await withLongshore(serving: try directory.makeDirectory("ours")) {
                    try await payload(at: $0.host)
                }
                // The digest covers everything but the signature.
                #expect(ours == theirs)
            }
        }

        /// Splits a signed manifest as libtrust describes it: the payload, the signed bytes, the key and the algorithm.
        private static let parts = """
            import base64, json, sys, textwrap
            text, out = open(sys.argv[1], "rb").read(), sys.argv[2] + "/"
            number = lambda s: base64.urlsafe_b64decode(s + "=" * (-len(s) % 4))
            signature = json.loads(text)["signatures"][0]
            protected = json.loads(number(signature["protected"]))
            payload = text[:protected["formatLength"]] + number(protected["formatTail"])
            encoded = base64.urlsafe_b64encode(payload).rstrip(b"=")
            raw = number(signature["signature"])
            def integer(b):
                b = b.lstrip(b"\\0") or b"\\0"
                b = b"\\0" + b if b[0] & 128 else b
                return bytes([2, len(b)]) + b
            pair = integer(raw[:32]) + integer(raw[32:])
            jwk = signature["header"]["jwk"]
            assert (jwk["kty"], jwk["crv"], signature["header"]["alg"]) == ("EC", "P-256", "ES256")
            prefix = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
            der = base64.b64encode(prefix + number(jwk["x"]) + number(jwk["y"])).decode()
            lines = ["-----BEGIN PUBLIC KEY-----"] + textwrap.wrap(der, 64) + ["-----END PUBLIC KEY-----", ""]
            open(out + "payload", "wb").write(payload)
            open(out + "signed", "wb").write(signature["protected"].encode() + b"." + encoded)
            open(out + "signature", "wb").write(bytes([48, len(pair)]) + pair)
            open(out + "key.pem", "w").write("\\n".join(lines))
            """

        /// registry:2 accepts schema1 when configured to.
        private static let settings = ["compatibility: {schema1: {enabled: true}}"]

        @Test(
            "pushed to registry:2 it is served by us, and vice versa",
            .needs("curl", "skopeo", "docker-registry")
        )
        func exchanged() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("centos6-like", in: directory)
                let roots = [try directory.makeDirectory("theirs"), try directory.makeDirectory("ours")]
                try await withLongshore(serving: tree.path) { source in
                    func push(to host: String) async throws -> String {
                        let options = ["--format", "v2s1"]
                        let image = "docker://\(source.host)/centos:app"
                        _ = try await Skopeo.copy(image, "docker://\(host)/old/image:1", options).succeeded()
                        return try await schema1(of: "old/image", "1", at: host).digest
                    }
                    let pushed = [
                        try await withDockerRegistry(serving: roots[0], settings: Self.settings) {
                            try await push(to: $0)
                        },
                        try await withLongshore(serving: roots[1]) { try await push(to: $0.host) },
                    ]
                    try await withLongshore(serving: roots[0]) { server in
                        try await expectSchema1(pushed[0], at: server.host, directory)
                        let modern = try await PulledImage("\(server.host)/old/image:1", into: directory.path("modern"))
                        #expect(!modern.layerDigests.isEmpty)
                        try await V1Curl(host: server.host).pull("old/image", "1", isChecksummed: false)
                    }
                    try await withDockerRegistry(serving: roots[1], settings: Self.settings) { host in
                        try await expectSchema1(pushed[1], at: host, directory)
                    }
                }
            }
        }

        /// Expects that the manifest exists under its tag and its digest, and that skopeo can pull all of it.
        private func expectSchema1(_ digest: String, at host: String, _ directory: TemporaryDirectory) async throws {
            #expect(try await schema1(of: "old/image", "1", at: host).digest == digest)
            let out = directory.path(UUID().uuidString)
            let pulled = try await Skopeo.copy("docker://\(host)/old/image@\(digest)", "dir:\(out)").succeeded()
            #expect(pulled.status == 0)
            let manifest = try String(contentsOfFile: "\(out)/manifest.json", encoding: .utf8)
            #expect(manifest.contains(/"schemaVersion":\s*1/) && manifest.contains("\"signatures\""))
        }

        private func schema1(of name: String, _ tag: String, at host: String) async throws -> (digest: String, Data) {
            let answer = try await Curl.request("http://\(host)/v2/\(name)/manifests/\(tag)", Self.agent)
            #expect(answer.headers["content-type"] == "application/vnd.docker.distribution.manifest.v1+prettyjws")
            return (try #require(answer.headers["docker-content-digest"], "\(answer.text)"), answer.body)
        }
    }
}
