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
        let digest = Digest(.sha256, of: configuration)
        func archive(_ configuration: [UInt8]) -> TestArchive {
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
        #expect(result.tags.first?.imageID == digest)

        let other = Digest(.sha256, of: Array("another".utf8))
        let wrong = Array(#"{"rootfs":{"type":"layers","diff_ids":["\#(other)"]}}"#.utf8)
        #expect(try await migrate(archive(wrong)).failures.first?.reason.contains("not the one") == true)
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
