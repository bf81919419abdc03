import ImageModel
import RegistryCore
import SystemLibraries
import Testing

/// The possible content of an index.
@Suite("An index", .enabled(if: ConformanceTarget.isOwn, "the specification leaves it to the registry"))
struct IndexChildrenTests {
    @Test(
        "of blobs, like BuildKit's caches, is accepted and kept byte for byte",
        arguments: [
            (MediaType.ociIndex, "application/vnd.oci.image.layer.v1.tar+gzip"),
            (.manifestList, "application/vnd.docker.image.rootfs.diff.tar.gzip"),
        ]
    )
    func cache(type: MediaType, layerType: String) async throws {
        try await ConformanceTarget.withRepository { client in
            let layer = Array("a layer".utf8)
            let record = Array(#"{"layers":[],"records":[]}"#.utf8)
            let missing = Self.index(type, [(layerType, layer), (Self.cacheType, record)])
            let refused = try await client.push(missing, as: "main")
            #expect(try refused.codes == ["MANIFEST_BLOB_UNKNOWN", "MANIFEST_BLOB_UNKNOWN"])
            for blob in [layer, record] { try await client.push(blob: blob) }
            #expect(try await client.push(missing, as: "main").status == 201)
            for reference in ["main", missing.digest.description] {
                let answer = try await client.send("GET", "manifests/\(reference)", [("Accept", type.description)])
                #expect(answer.body == missing.bytes)
                #expect(answer["content-type"] == type.description)
            }
            // A client that wants an image gets none.
            for headers in [Era.schema1.pullHeaders, [("Accept", MediaType.schema2.description)]] {
                let answer = try await client.send("GET", "manifests/main", headers)
                #expect(answer.status == 404 && answer.text.contains("has no image"), "\(answer.text)")
            }
            let tag = try await client.send("GET", absolute: "/v1/repositories/\(client.repository)/tags/main")
            #expect(tag.status == 404)
        }
    }

    @Test(
        "of nothing, which Go writes as null, is accepted",
        arguments: [#","manifests":null"#, #","manifests":[]"#, ""]
    )
    func empty(member: String) async throws {
        try await ConformanceTarget.withRepository { client in
            for type in [MediaType.ociIndex, .manifestList] {
                let text = #"{"schemaVersion":2,"mediaType":"\#(type)"\#(member)}"#
                let index = TestManifest(mediaType: type.description, text)
                let pushed = try await client.push(index, as: "latest")
                #expect(pushed.status == 201)
                let answer = try await client.send("GET", "manifests/latest")
                #expect(answer.body == index.bytes)
            }
        }
    }

    private static let linux = Platform(os: "linux", architecture: "amd64")
    private static let arm = Platform(os: "linux", architecture: "arm64")

    @Test(
        "may lack the manifests that the operator does not require",
        arguments: [
            (IndexCompleteness.all, ["amd64", "arm64"]), (.none, []), (.platforms([linux]), ["amd64"]),
            (.platforms([linux, arm]), ["amd64", "arm64"]), (.platforms([]), ["amd64", "arm64"]),
            (.platforms([Platform(os: "windows", architecture: "amd64")]), []),
        ]
    )
    func sparse(completeness: IndexCompleteness, required: [String]) async throws {
        let configuration = Registry.Configuration(conversionConcurrency: 1, indexCompleteness: completeness)
        try await ConformanceTarget.withRepository(configuration: configuration) { client in
            let images = ["amd64", "arm64"].map { Array("{\"architecture\":\"\($0)\"}".utf8) }
            let index = Self.platforms(zip(["amd64", "arm64"], images).map { ($0, $1) })
            let answer = try await client.push(index, as: "latest")
            #expect(answer.status == (required.isEmpty ? 201 : 400))
            guard !required.isEmpty else {
                #expect(try await client.send("GET", "manifests/latest").body == index.bytes)
                return
            }
            #expect(try answer.codes.count == required.count)
            for (architecture, image) in zip(["amd64", "arm64"], images) {
                let isNamed = answer.text.contains(Digest(.sha256, of: image).hex)
                #expect(isNamed == required.contains(architecture))
            }
        }
    }

    private static let cacheType = "application/vnd.buildkit.cacheconfig.v0"

    private static func index(_ type: MediaType, _ entries: [(String, [UInt8])]) -> TestManifest {
        let members = entries.map { type, bytes in
            #"{"mediaType":"\#(type)","size":\#(bytes.count),"digest":"\#(Digest(.sha256, of: bytes))"}"#
        }
        return TestManifest(
            mediaType: type.description,
            #"{"schemaVersion":2,"mediaType":"\#(type)","manifests":[\#(members.joined(separator: ","))]}"#
        )
    }

    private static func platforms(_ entries: [(String, [UInt8])]) -> TestManifest {
        let members = entries.map { architecture, bytes in
            """
            {"mediaType":"\(MediaType.ociManifest)","size":\(bytes.count),"digest":"\(Digest(.sha256, of: bytes))",\
            "platform":{"os":"linux","architecture":"\(architecture)","variant":"v8"}}
            """
        }
        return TestManifest(
            mediaType: TestManifest.ociIndex,
            #"{"schemaVersion":2,"manifests":[\#(members.joined(separator: ","))]}"#
        )
    }
}
