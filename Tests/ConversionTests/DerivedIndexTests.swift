import Conversion
import ImageModel
import Testing

@Suite("Lists of images in another form")
struct DerivedIndexTests {
    private static func platform(_ members: String) -> String { #","platform":{\#(members)}"# }

    private static let amd64 = platform(#""architecture":"amd64","os":"linux""#)
    private static let arm64 = platform(#""architecture":"arm64","os":"linux","variant":"v8""#)
    private static let windows = platform(
        #""architecture":"amd64","os":"windows","os.version":"10.0","os.features":["a"]"#
    )
    private static let attestation =
        platform(#""architecture":"unknown","os":"unknown""#)
        + #","annotations":{"vnd.docker.reference.type":"attestation-manifest"}"#

    @Test(
        "the entry for a platform is the exact match, else one of any variant, else one without a variant",
        arguments: [
            ("linux", "amd64", nil, "amd64"), ("linux", "arm64", nil, "arm64"), ("linux", "arm64", "v8", "arm64"),
            ("windows", "amd64", nil, "windows"), ("linux", "s390x", nil, "anything"),
            ("linux", "arm64", "v9", "anything"), ("linux", "arm", "v7", "armv7"), ("linux", "arm", nil, "armv6"),
        ] as [(String, String, String?, String)]
    )
    func entries(os: String, architecture: String, variant: String?, name: String) throws {
        let index = try TestManifest.index(
            .ociIndex,
            entries: [
                ("attestation", Self.attestation), ("artifact", #","artifactType":"x/y""#), ("windows", Self.windows),
                ("armv6", Self.platform(#""architecture":"arm","os":"linux","variant":"v6""#)),
                ("armv7", Self.platform(#""architecture":"arm","os":"linux","variant":"v7""#)),
                ("amd64", Self.amd64), ("arm64", Self.arm64), ("anything", ""),
            ]
        )
        let platform = Platform(os: os, architecture: architecture, variant: variant)
        #expect(try index.entry(for: platform).descriptor.digest == TestManifest.digest(name))
    }

    @Test("a list without the platform is refused, and the platform named")
    func noEntry() throws {
        let platform = Platform(os: "linux", architecture: "s390x")
        let index = try TestManifest.index(.ociIndex, entries: [("amd64", Self.amd64), ("x", Self.attestation)])
        #expect(throws: UnderivableManifest.noEntry(platform)) { try index.entry(for: platform) }
        let empty = try TestManifest.index(.ociIndex, entries: [("x", Self.attestation)])
        #expect(throws: UnderivableManifest.noEntry(platform)) { try empty.entry(for: platform) }
    }

    @Test("a derived list contains the derived images, with their platforms, in order")
    func derived() throws {
        let index = try TestManifest.index(
            .ociIndex,
            entries: [("windows", Self.windows), ("x", Self.attestation), ("arm64", Self.arm64), ("bare", "")]
        )
        #expect(index.imageEntries.map(\.descriptor.digest) == ["windows", "arm64", "bare"].map(TestManifest.digest))
        let images = Dictionary(
            uniqueKeysWithValues: index.imageEntries.map { entry in
                let digest = TestManifest.digest("derived \(entry.descriptor.digest)")
                return (entry.descriptor.digest, Descriptor(mediaType: .schema2, digest: digest, size: 5))
            }
        )
        let list = try DerivedManifest(index: index, in: .docker, of: images)
        #expect(list.mediaType == .manifestList)
        let parsed = try Manifest(parsing: list.bytes, contentType: .manifestList)
        #expect(parsed.manifests.map(\.descriptor) == index.imageEntries.map { images[$0.descriptor.digest] })
        #expect(parsed.manifests.map(\.platformJSON) == index.imageEntries.map(\.platformJSON))
        let back = try DerivedManifest(
            index: parsed,
            in: .oci,
            of: images.reduce(into: [:]) { $0[$1.value.digest] = $1.value }
        )
        #expect(back.mediaType == .ociIndex)
    }

    @Test("a list is refused when none of its images is present")
    func noImages() throws {
        let index = try TestManifest.index(.ociIndex, entries: [("amd64", Self.amd64)])
        #expect(throws: UnderivableManifest.noImages) { try DerivedManifest(index: index, in: .docker, of: [:]) }
    }
}
