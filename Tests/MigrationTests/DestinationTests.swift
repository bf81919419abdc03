import Conversion
import Foundation
import ImageModel
import Migration
import NIOCore
import RegistryCore
import Storage
import SystemLibraries
import TestSupport
import Testing

@Suite struct DestinationTests {
    let source = MemoryStorage()
    let destination = MemoryStorage()
    let centos = V1RepositoryName(namespace: "library", repository: "centos")

    private func fill() async throws {
        let tree = TestTree(storage: source)
        let root = try await tree.add("a", layer: try TestTree.layer("plain.tar.gz"))
        try await tree.tag("6", centos, try await tree.add("b", layer: try TestTree.layer("dot.tar.xz"), below: [root]))
    }

    @Test("an image layout contains every blob that its index leads to, and keeps what others put there")
    func layout() async throws {
        try await fill()
        let foreign =
            #"{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:"#
            + String(repeating: "a", count: 64) + #"","size":7,"platform":{"os":"linux"}}"#
        try await destination.write(
            ByteBuffer(string: #"{"schemaVersion":2,"manifests":[\#(foreign)]}"#),
            to: try ObjectKey(validating: "index.json")
        )
        let layout = try await LayoutDestination(destination)
        let result = try await MigrationRun(DirectorySource(source, identity: "source"), layout)() { $0.format = .oci }
        #expect(result.names == ["centos:6"])
        let index = try #require(try await destination.read(ObjectKey(validating: "index.json"), limit: 1 << 20))
        let manifests = try #require(try JSONValue(parsing: index.readableBytesView)["manifests"]?.array)
        #expect(String(buffer: index).contains(foreign))
        let entry = try #require(manifests.last)
        #expect(entry["annotations"]?["org.opencontainers.image.ref.name"]?.string == "centos:6")
        let manifest = try await blob(try Digest(parsing: entry["digest"]?.string ?? ""))
        let parsed = try Manifest(parsing: manifest, contentType: .ociManifest)
        #expect(parsed.layers.allSatisfy { $0.mediaType.description == "application/vnd.oci.image.layer.v1.tar+gzip" })
        for digest in parsed.requiredBlobs { #expect(Digest(.sha256, of: try await blob(digest)) == digest) }
        #expect(try await destination.read(ObjectKey(validating: "oci-layout"), limit: 64) != nil)

        let again = try await MigrationRun(
            DirectorySource(source, identity: "source"),
            LayoutDestination(destination)
        )() {
            $0.format = .oci
        }
        #expect(again.changedNothing)
    }

    private func blob(_ digest: Digest) async throws -> [UInt8] {
        let key = try ObjectKey(validating: "blobs/sha256/\(digest.hex)")
        return Array(buffer: try #require(try await destination.read(key, limit: 1 << 24)))
    }

    @Test("both formats have one image id, and a tag changes with the requested format")
    func formats() async throws {
        try await fill()
        let run = MigrationRun(from: source, to: destination)
        let docker = try #require(try await run().tags.first)
        let oci = try #require(try await run { $0.format = .oci }.tags.first)
        #expect(docker.imageID == oci.imageID)
        #expect(docker.manifest != oci.manifest)
        #expect(oci.outcome == .converted)
        let link = V2Layout.currentLink(oci.tag.tag, in: oci.tag.name)
        #expect(try await destination.read(link, limit: 100) == ByteBuffer(string: oci.manifest.description))
    }

    @Test("a blob with other bytes than were written has its tag withdrawn by a full read-back")
    func readBack() async throws {
        try await fill()
        let run = MigrationRun(from: source, to: destination)
        _ = try await run()
        let digest = Digest(.sha256, of: try TestTree.layer("plain.tar.gz"))
        var bytes = try TestTree.layer("plain.tar.gz")
        bytes[100] ^= 1
        try await destination.write(ByteBuffer(bytes: bytes), to: V2Layout.blobData(digest))
        #expect(try await run { $0.verification = .auto }.isComplete)
        let result = try await run { $0.verification = .full }
        #expect(result.tags.isEmpty)
        #expect(result.failures.first?.reason.contains("has other bytes") == true)
        let link = V2Layout.currentLink(try Tag(parsing: "6"), in: try RepositoryName(parsing: "centos"))
        #expect(try await destination.attributes(of: link) == nil)
        #expect(try await run { $0.verification = .full }.names == ["centos:6"])
    }

    @Test("an existing blob is not trusted, and is replaced when it has other bytes")
    func shared() async throws {
        try await fill()
        var bytes = try TestTree.layer("plain.tar.gz")
        let digest = Digest(.sha256, of: bytes)
        bytes[100] ^= 1
        try await destination.write(ByteBuffer(bytes: bytes), to: V2Layout.blobData(digest))
        let run = MigrationRun(from: source, to: destination)
        let first = try await run()
        #expect(first.tags.isEmpty)
        #expect(first.failures.first?.reason.contains("has other bytes") == true)
        #expect(try await run().names == ["centos:6"])
        #expect(try await destination.actualDigest(of: V2Layout.blobData(digest), .sha256) { _ in } == digest)
    }

    @Test("what a run wrote and did not read back is read back by the next one, even if no tag has changed")
    func unread() async throws {
        try await fill()
        let run = MigrationRun(from: source, to: destination)
        let first = try await run {
            $0.verification = .none
            $0.isSourceIdle = false
        }
        #expect(first.copiedByteCount > 0)
        let digest = Digest(.sha256, of: try TestTree.layer("plain.tar.gz"))
        var bytes = try TestTree.layer("plain.tar.gz")
        bytes[100] ^= 1
        try await destination.write(ByteBuffer(bytes: bytes), to: V2Layout.blobData(digest))
        #expect(try await run().failures.first?.reason.contains("has other bytes") == true)
        #expect(try await run().names == ["centos:6"])
        let last = try await run()
        #expect(last.changedNothing)
        #expect(last.verifiedByteCount == 0)
    }

    @Test("a run with fail-fast ends at the first failure")
    func failFast() async throws {
        try await fill()
        try await TestTree(storage: source).tag("gone", centos, try TestTree.id("f"))
        let result = try await MigrationRun(from: source, to: destination)() { $0.failsFast = true }
        #expect(result.interruption == .firstFailure)
        #expect(result.tags.isEmpty)
        #expect(!result.isComplete)
    }

    @Test("the page shows names with markup as text")
    func page() async throws {
        try await fill()
        let evil = V1RepositoryName(namespace: "library", repository: "<script>alert(1)</script>&\u{202E}")
        try await TestTree(storage: source).tag("6", evil, try TestTree.id("a"))
        let result = try await MigrationRun(from: source, to: destination)()
        let report = MigrationReport(
            result,
            host: "here",
            source: "<a>",
            destination: "b\"",
            started: .now,
            finished: .now
        )
        let html = ReportPage(report).html
        // Only the page's own script.
        #expect(html.components(separatedBy: "<script>").count == 2)
        #expect(!html.contains("\u{202E}"))
        #expect(html.contains("library/&lt;script&gt;alert(1)&lt;/script&gt;&amp;"))
        #expect(html.contains("centos:6"))
        #expect(!html.contains("http"))
    }
}
