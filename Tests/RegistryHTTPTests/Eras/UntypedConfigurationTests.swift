import Conversion
import ImageModel
import SystemLibraries
import Testing

/// Images whose configuration has a generic type, as Docker 1.10 and 1.11 push some.
@Suite("A configuration of a generic type") struct UntypedConfigurationTests {
    /// An image with layers of one file each, and history entries without a layer.
    struct Image: Sendable {
        let configuration: [UInt8]
        let layers: [[UInt8]]
        let diffIDs: [String]

        /// - Parameter areEmpty: For each step of the history, base first, whether it has no layer.
        init(_ areEmpty: [Bool]) throws {
            let tars = areEmpty.indices.filter { !areEmpty[$0] }.map { TestLayer.tar("f\($0)", [UInt8($0)]) }
            layers = try tars.map { try TestLayer.gzip($0) }
            diffIDs = tars.map { Digest(.sha256, of: $0).description }
            let history = areEmpty.enumerated().map { index, isEmpty in
                """
                {"created":"2016-03-01T00:00:00Z","created_by":"step \(index)"\(isEmpty ? ",\"empty_layer\":true" : "")}
                """
            }
            configuration = Array(
                """
                {"architecture":"amd64","config":{},"created":"2016-03-01T00:00:00Z","docker_version":"1.10.3",\
                "history":[\(history.joined(separator: ","))],"os":"linux","rootfs":{"type":"layers",\
                "diff_ids":[\(diffIDs.map { "\"\($0)\"" }.joined(separator: ","))]}}
                """.utf8
            )
        }

        /// The manifest as Docker 1.10.3 writes it.
        ///
        /// - Parameter type: The type of the configuration; nil for none.
        func manifest(_ type: String?) -> TestManifest {
            let described = layers.map { layer in
                """
                      {
                         "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
                         "size": \(layer.count),
                         "digest": "\(Digest(.sha256, of: layer))"
                      }
                """
            }
            return TestManifest(
                mediaType: MediaType.schema2.description,
                """
                {
                   "schemaVersion": 2,
                   "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
                   "config": {
                      \(type.map { "\"mediaType\": \"\($0)\",\n      " } ?? "")"size": \(configuration.count),
                      "digest": "\(Digest(.sha256, of: configuration))"
                   },
                   "layers": [
                \(described.joined(separator: ",\n"))
                   ]
                }
                """
            )
        }

        func push(_ type: String?, by client: RegistryClient) async throws {
            for blob in layers + [configuration] { try await client.push(blob: blob) }
            #expect(try await client.push(manifest(type), as: "latest").status == 201)
        }
    }

    @Test("is pulled like engines before schema2 did", arguments: ["1.0.1", "1.5.0", "1.9.1"])
    func recorded(version: String) async throws {
        let pull = try RecordedPull(version: version)
        let image = try Image(pull.areEmpty)
        let tree = try ScratchTree()
        let pulled = try await withRegistry(over: tree.open()) { port, _ in
            var pull = pull
            let client = RegistryClient(port: port, repository: pull.repository)
            try await image.push("application/octet-stream", by: client)
            try await pull.run(port: port)
            return pull.diffIDs
        }
        #expect(pulled.isSuperset(of: image.diffIDs))
    }

    @Test(
        "is an image to every era",
        arguments: ["application/octet-stream", "application/json", "text/html", nil]
    )
    func everyEra(type: String?) async throws {
        try await ConformanceTarget.withRepository { client in
            let image = try Image([false, true, false])
            try await image.push(type, by: client)
            for era in Era.allCases {
                let pulled = try await client.pull("latest", by: era)
                #expect(pulled.diffIDs.filter { image.diffIDs.contains($0) } == image.diffIDs, "\(era)")
            }
            let manifest = image.manifest(type)
            let stored = try await client.send("GET", "manifests/latest", Era.schema2.pullHeaders)
            #expect(stored.body == manifest.bytes)
            // An old Docker that sends no Accept gets schema1.
            let schema1 = try await client.send("GET", "manifests/latest", [("User-Agent", "docker/1.9.1 go/go1.4.3")])
            #expect(try !SignedSchema1(verifying: schema1.body).keyIDs.isEmpty)
            let oci = try await client.send("GET", "manifests/latest", [("Accept", TestManifest.ociManifest)])
            let derived = try Manifest(parsing: oci.body, contentType: .ociManifest)
            #expect(derived.configuration?.mediaType == .ociConfiguration)
        }
    }

    @Test("sizes missing from a manifest are in what is derived from it")
    func measured() async throws {
        try await ConformanceTarget.withRepository { client in
            let image = try Image([false])
            for blob in image.layers + [image.configuration] { try await client.push(blob: blob) }
            let text = """
                {"schemaVersion":2,"mediaType":"\(MediaType.schema2)",\
                "config":{"digest":"\(Digest(.sha256, of: image.configuration))"},\
                "layers":[{"mediaType":"\(MediaType.dockerLayerGzip)","digest":"\(Digest(.sha256, of: image.layers[0]))"}]}
                """
            let manifest = TestManifest(mediaType: MediaType.schema2.description, text)
            #expect(try await client.push(manifest, as: "latest").status == 201)
            let oci = try await client.send("GET", "manifests/latest", [("Accept", TestManifest.ociManifest)])
            let derived = try Manifest(parsing: oci.body, contentType: .ociManifest)
            #expect(derived.configuration?.size == Int64(image.configuration.count))
            #expect(derived.layers.map(\.size) == [Int64(image.layers[0].count)])
            #expect(try await client.send("GET", "manifests/latest").body == manifest.bytes)
        }
    }

    @Test("an artifact with a generic configuration is not an image")
    func artifact() async throws {
        try await ConformanceTarget.withRepository { client in
            let configuration = Array("{}".utf8)
            try await client.push(blob: configuration)
            let text = """
                {"schemaVersion":2,"mediaType":"\(TestManifest.ociManifest)","artifactType":"a/b","config":{"mediaType":\
                "application/octet-stream","size":2,"digest":"\(Digest(.sha256, of: configuration))"},"layers":[]}
                """
            #expect(try await client.push(.init(mediaType: TestManifest.ociManifest, text), as: "latest").status == 201)
            let answer = try await client.send("GET", "manifests/latest", Era.schema1.pullHeaders)
            #expect(answer.status == 404)
            #expect(answer.text.contains("artifact of type a/b"))
        }
    }
}
