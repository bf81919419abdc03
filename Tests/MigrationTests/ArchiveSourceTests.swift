import ImageModel
import Migration
import NIOCore
import RegistryCore
import Storage
import SystemLibraries
import TestSupport
import Testing

@Suite struct ArchiveSourceTests {
    private func migrate(_ archive: TestArchive) async throws -> MigrationResult {
        let storage = MemoryStorage()
        let key = try ObjectKey(validating: "archive.tar")
        try await storage.write(ByteBuffer(bytes: archive.finished), to: key)
        let reader = try #require(try await storage.open(key))
        let source = try await ArchiveSource(reader, identity: "archive.tar")
        return try await MigrationRun(source, DirectoryDestination(MemoryStorage()))()
    }

    @Test("images of the old form are converted as those of a registry are, links followed, hosts left out")
    func oldForm() async throws {
        let root = try TestTree.id("a")
        let top = try TestTree.id("b")
        let layer = try TestTree.layer("plain.tar")
        var archive = TestArchive()
        archive.add("\(root)/json", TestTree.json(root))
        archive.add("\(root)/layer.tar", layer)
        archive.add("\(top)/json", TestTree.json(top, parent: root))
        archive.add("\(top)/layer.tar", link: "../\(root)/layer.tar")
        archive.add(
            "repositories",
            Array("{\"centos\":{\"6\":\"\(top)\"},\"host:5000/team/app\":{\"1\":\"\(root)\"}}".utf8)
        )
        let result = try await migrate(archive)
        #expect(result.names == ["centos:6", "team/app:1"])
        #expect(result.failures.isEmpty)
    }

    @Test("an image of the new form keeps its configuration, and with it its id")
    func newForm() async throws {
        let layer = try TestTree.layer("plain.tar")
        let diffID = Digest(.sha256, of: layer)
        let configuration = Array(#"{"os":"linux","rootfs":{"type":"layers","diff_ids":["\#(diffID)"]}}"#.utf8)
        func archive(_ configuration: [UInt8]) -> TestArchive {
            let digest = Digest(.sha256, of: configuration)
            var archive = TestArchive()
            archive.add("\(digest.hex).json", configuration)
            archive.add("x/layer.tar", layer)
            archive.add(
                "manifest.json",
                Array(#"[{"Config":"\#(digest.hex).json","RepoTags":["centos:6"],"Layers":["x/layer.tar"]}]"#.utf8)
            )
            return archive
        }
        let result = try await migrate(archive(configuration))
        #expect(result.names == ["centos:6"])
        #expect(result.tags.first?.imageID == Digest(.sha256, of: configuration))

        let other = Digest(.sha256, of: Array("another".utf8))
        let wrong = Array(#"{"rootfs":{"type":"layers","diff_ids":["\#(other)"]}}"#.utf8)
        #expect(try await migrate(archive(wrong)).failures.first?.reason.contains("not the one") == true)
    }

    @Test(
        "an image of the new form that is not whole is a failure for each of its tags",
        arguments: [
            (
                #"{"Config":"gone.json","RepoTags":["a:1","b:1"],"Layers":["x/layer.tar"]}"#,
                "gone.json is not in the archive"
            ),
            (#"{"RepoTags":["a:1","b:1"],"Layers":["x/layer.tar"]}"#, "names no configuration"),
            (#"{"Config":"c.json","RepoTags":["a:1","b:1"]}"#, "names no layers"),
            (#"{"Config":"c.json","RepoTags":["a:1","b:1"],"Layers":[]}"#, "names no layers"),
            (#"{"Config":"c.json","RepoTags":["a:1","b:1"],"Layers":["gone/layer.tar"]}"#, "its layer is missing"),
            (
                #"{"Config":"blobs/sha256/\#(String(repeating: "0", count: 64))","RepoTags":["a:1","b:1"],"Layers":["x/layer.tar"]}"#,
                "does not have the digest"
            ),
        ]
    )
    func incomplete(image: String, reason: String) async throws {
        var archive = TestArchive()
        archive.add("c.json", Array("{}".utf8))
        archive.add("blobs/sha256/\(String(repeating: "0", count: 64))", Array("{}".utf8))
        archive.add("x/layer.tar", try TestTree.layer("plain.tar"))
        archive.add("manifest.json", Array("[\(image)]".utf8))
        let result = try await migrate(archive)
        #expect(result.tags.isEmpty)
        #expect(result.failures.map(\.name).map { $0.replacing("library/", with: "") }.sorted() == ["a:1", "b:1"])
        #expect(result.failures.allSatisfy { $0.reason.contains(reason) }, "\(result.failures)")
    }

    @Test("an image without a name is left alone, and of two images with one name the second fails")
    func names() async throws {
        let root = try TestTree.id("a")
        let top = try TestTree.id("b")
        var archive = TestArchive()
        for id in [root, top] {
            archive.add("\(id)/json", TestTree.json(id))
            archive.add("\(id)/layer.tar", try TestTree.layer("plain.tar"))
        }
        let names = #"{"one.host/app":{"1":"\#(root)"},"two.host/app":{"1":"\#(top)"},"bad":{"1":7}}"#
        archive.add("repositories", Array(names.utf8))
        let result = try await migrate(archive)
        #expect(result.names == ["app:1"])
        #expect(result.tags.first?.tag.image == root)
        #expect(result.failures.map(\.name).sorted() == ["bad:1", "two.host/app:1"])

        var nameless = TestArchive()
        nameless.add("c.json", Array("{}".utf8))
        let manifest = #"[{"Config":"c.json","RepoTags":null,"Layers":["x/layer.tar"]}]"#
        nameless.add("manifest.json", Array(manifest.utf8))
        let left = try await migrate(nameless)
        #expect(left.isComplete)
        #expect(left.notices.contains { $0.text.contains("no tag names it") })
    }

    @Test("a file that is no such archive is refused with a sentence", arguments: ["", "not a tar at all"])
    func noArchive(text: String) async throws {
        let storage = MemoryStorage()
        let key = try ObjectKey(validating: "archive.tar")
        try await storage.write(ByteBuffer(string: text), to: key)
        let reader = try #require(try await storage.open(key))
        await #expect(throws: NotAnArchive.self) { try await ArchiveSource(reader, identity: "archive.tar") }
    }
}
