import Foundation
import ImageModel
import SystemLibraries
import Testing

/// Kinds of images unknown to some eras: each is converted, or refused with a reason; none is a server error.
@Suite struct OddImageTests {
    /// A kind of image, and which eras cannot have it.
    struct Kind: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// Members of the configuration, besides those of every image.
        var configuration = ""
        var configurationType = "application/vnd.oci.image.config.v1+json"
        /// The layers' types and sources.
        var layers: [(type: String, members: String)] = [("application/vnd.oci.image.layer.v1.tar+gzip", "")]
        var members = ""
        /// The bytes of each layer, if not a valid tar.
        var layer: [UInt8]?
        var isLayerPushed = true
        /// The v1 status of the layer of an image that v1 has.
        var layerStatus = 200
        var refusedBy: Set<Era> = []
    }

    private static let gzip = "application/vnd.oci.image.layer.v1.tar+gzip"
    private static let elsewhere = #","urls":["http://127.0.0.1/layer"]"#

    static let kinds = [
        Kind(testDescription: "no history", configuration: #""rootfs":{"type":"layers"}"#),
        Kind(testDescription: "empty history", configuration: #""history":[]"#),
        Kind(
            testDescription: "more history than layers",
            configuration: #""history":[{"created_by":"a"},{"created_by":"b"},{"created_by":"c"}]"#
        ),
        Kind(
            testDescription: "more layers than history",
            configuration: #""history":[{"created_by":"a"}]"#,
            layers: [(gzip, ""), (gzip, ""), (gzip, "")]
        ),
        Kind(
            testDescription: "history of only empty layers",
            configuration: #""history":[{"empty_layer":true},{"empty_layer":true}]"#,
            layers: []
        ),
        Kind(testDescription: "neither layers nor history", layers: []),
        Kind(testDescription: "history of another type", configuration: #""history":"none""#),
        Kind(
            testDescription: "numbers instead of strings",
            configuration: #""history":[{"created_by":1}],"created":2"#
        ),
        Kind(testDescription: "null history", configuration: #""history":null,"rootfs":null,"config":null"#),
        Kind(
            testDescription: "nondistributable layer",
            configuration: #""os.version":"10.0.14393.1066""#,
            layers: [("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", elsewhere), (gzip, "")],
            refusedBy: [.v1, .schema1]
        ),
        Kind(
            testDescription: "Windows foreign layer",
            configuration: #""os.version":"10.0.14393.1066","os.features":["win32k"]"#,
            layers: [("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", elsewhere)],
            refusedBy: [.v1, .schema1]
        ),
        Kind(
            testDescription: "foreign layer that was not pushed",
            layers: [("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", elsewhere)],
            isLayerPushed: false,
            refusedBy: [.v1, .schema1]
        ),
        Kind(
            testDescription: "layer that begins like zstd but is not",
            layers: [("application/vnd.oci.image.layer.v1.tar+zstd", "")],
            layer: [0x28, 0xB5, 0x2F, 0xFD] + Array("and then no frame of it".utf8),
            layerStatus: 400,
            refusedBy: [.schema1, .schema2]
        ),
        Kind(
            testDescription: "layer that is not a tar",
            layers: [("application/vnd.cncf.helm.chart.content.v1.tar+gzip", "")],
            refusedBy: [.v1, .schema1, .schema2]
        ),
        Kind(
            testDescription: "artifact",
            configurationType: "application/vnd.cncf.helm.config.v1+json",
            refusedBy: [.v1, .schema1, .schema2]
        ),
        Kind(
            testDescription: "artifact with an empty configuration",
            configurationType: "application/vnd.oci.empty.v1+json",
            members: #","artifactType":"application/x-sbom""#,
            refusedBy: [.v1, .schema1, .schema2]
        ),
        Kind(testDescription: "annotations and a subject", members: #","annotations":{"a":"b"}"#),
    ]

    @Test("is converted, or refused with the reason, the same by HEAD and GET", arguments: kinds)
    func everyEra(kind: Kind) async throws {
        try await ConformanceTarget.withRepository { client in
            let layer = try kind.layer ?? TestLayer.gzip(TestLayer.tar("a", [1]))
            if kind.isLayerPushed { try await client.push(blob: layer) }
            let members = kind.configuration.isEmpty ? "" : ",\(kind.configuration)"
            let configuration = Array(#"{"architecture":"amd64","os":"linux"\#(members)}"#.utf8)
            try await client.push(blob: configuration)
            let layers = kind.layers.map { type, members in
                #"{"mediaType":"\#(type)","digest":"\#(Digest(.sha256, of: layer))","size":\#(layer.count)\#(members)}"#
            }
            let manifest = TestManifest(
                mediaType: TestManifest.ociManifest,
                """
                {"schemaVersion":2,"mediaType":"\(TestManifest.ociManifest)","config":{"mediaType":\
                "\(kind.configurationType)","digest":"\(Digest(.sha256, of: configuration))",\
                "size":\(configuration.count)},"layers":[\(layers.joined(separator: ","))]\(kind.members)}
                """
            )
            try await expectEveryEra(manifest, client, kind)
            // The same as the only image of an index, with an attestation next to it.
            let attestation = TestManifest(
                mediaType: manifest.mediaType,
                String(decoding: manifest.bytes, as: UTF8.self) + " "
            )
            try await client.push(attestation, as: attestation.digest.description)
            let entries = [(manifest, "linux", "amd64"), (attestation, "unknown", "unknown")].map {
                image,
                os,
                architecture in
                """
                {"mediaType":"\(image.mediaType)","digest":"\(image.digest)","size":\(image.bytes.count),\
                "platform":{"os":"\(os)","architecture":"\(architecture)"}}
                """
            }
            let index = TestManifest(
                mediaType: TestManifest.ociIndex,
                #"{"schemaVersion":2,"manifests":[\#(entries.joined(separator: ","))]}"#
            )
            try await expectEveryEra(index, client, kind)
        }
    }

    private func expectEveryEra(_ manifest: TestManifest, _ client: RegistryClient, _ kind: Kind) async throws {
        let refusedBy = kind.refusedBy
        #expect(try await client.push(manifest, as: "latest").status == 201)
        for era in [Era.schema1, .schema2, .oci] {
            let answers = [
                try await client.send("HEAD", "manifests/latest", era.pullHeaders),
                try await client.send("GET", "manifests/latest", era.pullHeaders),
            ]
            #expect(answers[0].status == answers[1].status)
            #expect(answers[1].status == (refusedBy.contains(era) ? 404 : 200), "\(era): \(answers[1].text)")
            if refusedBy.contains(era) {
                #expect(answers[1].text.contains("\"message\"") && answers[1].text.count > 60)
            }
        }
        let tag = try await client.send("GET", absolute: "/v1/repositories/\(client.repository)/tags/latest")
        #expect(tag.status == (refusedBy.contains(.v1) ? 404 : 200))
        guard tag.status == 200 else { return }
        let id = tag.text.filter { $0 != "\"" }
        let ancestry = try await client.send("GET", absolute: "/v1/images/\(id)/ancestry")
        for id in try JSONValue(parsing: ancestry.body).array ?? [] {
            for part in ["json", "layer"] {
                let answer = try await client.send("GET", absolute: "/v1/images/\(id.string ?? "")/\(part)")
                #expect(answer.status == kind.layerStatus, "\(part): \(answer.text)")
            }
        }
    }
}
