import ImageModel
import Migration
import NIOCore
import RegistryCore
import Storage
import SystemLibraries
import TestSupport
import Testing

@Suite struct ArchiveSourceTests {
    private func migrate(_ archive: TestArchive, name: String? = nil) async throws -> MigrationResult {
        let source = try await Self.source(archive.finished, name: name)
        return try await MigrationRun(source, DirectoryDestination(MemoryStorage()))()
    }

    private static func source(_ bytes: [UInt8], name: String? = nil) async throws -> ArchiveSource {
        let storage = MemoryStorage()
        let key = try ObjectKey(validating: "archive.tar")
        try await storage.write(ByteBuffer(bytes: bytes), to: key)
        let reader = try #require(try await storage.open(key))
        let name = try name.map { try ArchiveName(parsing: $0) }
        return try await ArchiveSource(reader, identity: "archive.tar", name: name)
    }

    /// An image's configuration with the given DiffIDs.
    private static func configuration(_ diffIDs: [Digest]) -> [UInt8] {
        let list = diffIDs.map { "\"\($0)\"" }.joined(separator: ",")
        return Array(#"{"os":"linux","rootfs":{"type":"layers","diff_ids":[\#(list)]}}"#.utf8)
    }

    @Test("images of the old format are converted like those of a registry, links followed, registry hosts removed")
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

    @Test("an image of the new format keeps its configuration, and with it its id")
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
        "an incomplete image of the new format is a failure for each of its tags",
        arguments: [
            (
                #"{"Config":"gone.json","RepoTags":["a:1","b:1"],"Layers":["x/layer.tar"]}"#,
                "gone.json is not in the archive"
            ),
            (#"{"RepoTags":["a:1","b:1"],"Layers":["x/layer.tar"]}"#, "names no configuration"),
            (#"{"Config":"c.json","RepoTags":["a:1","b:1"],"Layers":"x"}"#, "names no layers"),
            (#"{"Config":"c.json","RepoTags":["a:1","b:1"],"Layers":[7]}"#, "names no layers"),
            (#"{"Config":"c.json","RepoTags":["a:1","b:1"],"Layers":[]}"#, "lists other layers"),
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

    @Test("an untagged image is skipped, and of two images with one name the second fails")
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
        await #expect(throws: UnnamedArchive.self) { try await migrate(nameless) }
    }

    @Test("an image of the old format gets no notices about files that archives never contain")
    func notices() async throws {
        let root = try TestTree.id("a")
        var archive = TestArchive()
        archive.add("\(root)/json", TestTree.json(root))
        archive.add("\(root)/layer.tar", try TestTree.layer("plain.tar"))
        archive.add("repositories", Array(#"{"a":{"1":"\#(root)"}}"#.utf8))
        #expect(try await migrate(archive).notices == [])
    }

    @Test(
        "keys are read in any case, and paths as joined with a directory",
        arguments: [
            #"{"Config":"c.json","RepoTags":["me/app:1"],"Layers":["x/layer.tar"]}"#,
            #"{"config":"c.json","repoTags":["me/app:1"],"layers":["x/layer.tar"]}"#,
            #"{"CONFIG":"./c.json","REPOTAGS":["me/app:1"],"LAYERS":["y/../x//layer.tar"]}"#,
            #"{"Config":"gone","config":"/c.json","RepoTags":["me/app:1"],"Layers":["../x/layer.tar"]}"#,
            #"{"Config":"c.json","RepoTags":["me/app:1"],"Layers":["hard.tar"]}"#,
            #"{"Config":"c.json","RepoTags":["me/app:1"],"Layers":["z/chain.tar"]}"#,
        ],
        [#"{"rootfs":{"diff_ids":["DIFFID"]}}"#, #"{"RootFS":{"Diff_IDs":["DIFFID"]}}"#]
    )
    func cases(image: String, configuration: String) async throws {
        let layer = try TestTree.layer("plain.tar")
        let configuration = Array(configuration.replacing("DIFFID", with: "\(Digest(.sha256, of: layer))").utf8)
        var archive = TestArchive()
        archive.add("./c.json", configuration)
        archive.add("./x/layer.tar", layer)
        archive.add("./hard.tar", hardLink: "./x/layer.tar")
        archive.add("./z/chain.tar", link: "../hard.tar")
        archive.add("./manifest.json", Array("[\(image)]".utf8))
        let result = try await migrate(archive)
        #expect(result.names == ["me/app:1"], "\(result.failures)")
        #expect(result.tags.first?.imageID == Digest(.sha256, of: configuration))
        #expect(result.notices == [])
    }

    @Test("circular links are not a layer, and affect only their image")
    func circle() async throws {
        var archive = TestArchive()
        archive.add("c.json", Self.configuration([Digest(.sha256, of: [])]))
        archive.add("a.tar", hardLink: "b.tar")
        archive.add("b.tar", hardLink: "a.tar")
        archive.add("manifest.json", Array(#"[{"Config":"c.json","RepoTags":["a:1"],"Layers":["a.tar"]}]"#.utf8))
        #expect(try await migrate(archive).failures.first?.reason.contains("its layer is missing") == true)
    }

    @Test("an image without layers is valid", arguments: [#","Layers":null"#, #","Layers":[]"#, ""])
    func layerless(layers: String) async throws {
        let configuration = Self.configuration([])
        var archive = TestArchive()
        archive.add("c.json", configuration)
        archive.add("manifest.json", Array(#"[{"Config":"c.json","RepoTags":["a:1"]\#(layers)}]"#.utf8))
        let storage = MemoryStorage()
        let result = try await MigrationRun(Self.source(archive.finished), DirectoryDestination(storage))()
        #expect(result.names == ["a:1"], "\(result.failures)")
        let tag = try #require(result.tags.first)
        #expect(tag.imageID == Digest(.sha256, of: configuration))
        let bytes = try #require(try await storage.read(V2Layout.blobData(tag.manifest), limit: 1 << 20))
        #expect(try Manifest(parsing: Array(buffer: bytes), contentType: nil).layers == [])
    }

    @Test("a layer of 0 bytes is empty, as its DiffID says")
    func emptyLayers() async throws {
        let nothing = Digest(.sha256, of: [])
        let emptyTar = Digest(.sha256, of: [UInt8](repeating: 0, count: 1024))
        for (diffID, isTaken) in [(nothing, true), (emptyTar, true), (Digest(.sha256, of: [1]), false)] {
            var archive = TestArchive()
            archive.add("c.json", Self.configuration([diffID]))
            archive.add("layer.tar")
            archive.add(
                "manifest.json",
                Array(#"[{"Config":"c.json","RepoTags":["a:1"],"Layers":["layer.tar"]}]"#.utf8)
            )
            #expect(try await migrate(archive).names == (isTaken ? ["a:1"] : []))
        }
        let root = try TestTree.id("a")
        var old = TestArchive()
        old.add("\(root)/json", TestTree.json(root))
        old.add("\(root)/layer.tar")
        old.add("repositories", Array(#"{"a":{"1":"\#(root)"}}"#.utf8))
        #expect(try await migrate(old).names == ["a:1"])
    }

    @Test("an archive that ends within a layer affects only the images with that layer")
    func cutShort() async throws {
        let layer = try TestTree.layer("plain.tar")
        var archive = TestArchive()
        archive.add("c.json", Self.configuration([Digest(.sha256, of: layer)]))
        archive.add(
            "manifest.json",
            Array(
                (#"[{"Config":"c.json","RepoTags":["a:1"],"Layers":["one.tar"]},"#
                    + #"{"Config":"c.json","RepoTags":["b:1"],"Layers":["two.tar"]}]"#).utf8
            )
        )
        archive.add("one.tar", layer)
        archive.begin("two.tar", byteCount: layer.count)
        for rest in [0, 700] {
            let source = try await Self.source(archive.bytes + layer.prefix(rest))
            let result = try await MigrationRun(source, DirectoryDestination(MemoryStorage()))()
            #expect(result.names == ["a:1"])
            #expect(result.failures.map(\.name) == ["library/b:1"])
        }
    }

    @Test(
        "a name loses only its registry host",
        arguments: [
            ("localhost/app:1", "app:1"), ("localhost:5000/app2:1", "app2:1"), ("quay.io/me/app3:1", "me/app3:1"),
            ("host:5000/a/b/c:1", "a/b/c:1"), ("team/localhost/app:1", "team/localhost/app:1"),
            ("localhosts/app:1", "localhosts/app:1"), ("docker.io/library/busybox:latest", "busybox:latest"),
        ]
    )
    func registries(reference: String, name: String) async throws {
        let layer = try TestTree.layer("plain.tar")
        var archive = TestArchive()
        archive.add("c.json", Self.configuration([Digest(.sha256, of: layer)]))
        archive.add("l.tar", layer)
        archive.add(
            "manifest.json",
            Array(#"[{"Config":"c.json","RepoTags":["\#(reference)"],"Layers":["l.tar"]}]"#.utf8)
        )
        #expect(try await migrate(archive).names == [name])
    }

    @Test(
        "a name without a tag or a repository is a failure",
        arguments: ["app", "app:", ":1", "host:5000/app", ":"]
    )
    func malformedNames(reference: String) async throws {
        var archive = TestArchive()
        archive.add("c.json", Self.configuration([]))
        archive.add("manifest.json", Array(#"[{"Config":"c.json","RepoTags":["\#(reference)"]}]"#.utf8))
        let result = try await migrate(archive)
        #expect(result.tags.isEmpty && result.failures.count == 1)
        #expect(throws: MalformedArchiveName.self) { try ArchiveName(parsing: reference) }
    }

    /// An archive of the new format.
    private static func archive(_ images: [(file: String, tags: String)]) -> TestArchive {
        var archive = TestArchive()
        for (index, image) in images.enumerated() {
            archive.add(image.file, Array(#"{"n":\#(index),"rootfs":{"diff_ids":[]}}"#.utf8))
        }
        let list = images.map { #"{"Config":"\#($0.file)","RepoTags":\#($0.tags)}"# }.joined(separator: ",")
        archive.add("manifest.json", Array("[\(list)]".utf8))
        return archive
    }

    @Test("the only untagged image can be named, in either format")
    func givenName() async throws {
        #expect(try await migrate(Self.archive([("c", "null")]), name: "host:5000/me/app:1").names == ["me/app:1"])
        let two = Self.archive([("c", #"["a:1"]"#), ("d", "[]")])
        #expect(try await migrate(two, name: "b:1").names == ["a:1", "b:1"])
        let left = try await migrate(two)
        #expect(left.isComplete && left.names == ["a:1"])
        #expect(left.notices.contains { $0.text.contains("untagged") })

        let root = try TestTree.id("a")
        let top = try TestTree.id("b")
        var old = TestArchive()
        for (id, parent) in [(root, nil), (top, root)] as [(V1ImageID, V1ImageID?)] {
            old.add("\(id)/json", TestTree.json(id, parent: parent))
            old.add("\(id)/layer.tar", try TestTree.layer("plain.tar"))
        }
        let result = try await migrate(old, name: "app:1")
        #expect(result.names == ["app:1"] && result.tags.first?.tag.image == top)
        await #expect(throws: UnnamedArchive.self) { try await migrate(old) }
    }

    @Test("an archive without names is refused with a hint, never ignored silently")
    func nameless() async throws {
        func reason(_ archive: TestArchive, name: String? = nil) async throws -> String {
            let error = await #expect(throws: UnnamedArchive.self) { try await migrate(archive, name: name) }
            return error?.description ?? ""
        }
        #expect(try await reason(Self.archive([("c", "null")])).contains("name it with --name"))
        #expect(
            try await reason(Self.archive([("c", "[]"), ("d", "null")])).contains("none of its 2 images is tagged")
        )
        let two = Self.archive([("c", "[]"), ("d", "null")])
        #expect(try await reason(two, name: "a:1").contains("2 of its images are untagged"))
        let named = Self.archive([("c", #"["a:1"]"#)])
        #expect(try await reason(named, name: "b:1").contains("all its images are tagged"))
        #expect(try await reason(Self.archive([])).contains("it contains no image"))
        // A name is given, but the image is incomplete.
        var broken = TestArchive()
        broken.add("manifest.json", Array(#"[{"Config":"gone","RepoTags":null}]"#.utf8))
        #expect(try await migrate(broken, name: "a:1").failures.map(\.name) == ["a:1"])
    }

    @Test(
        "an archive of another kind, or with an invalid list, is described as what it is",
        arguments: [
            (["oci-layout": #"{"imageLayoutVersion":"1.0.0"}"#, "index.json": "{}"], "it is an OCI image archive"),
            (["hello": "x"], "neither manifest.json nor repositories"),
            (["manifest.json": "{}"], "manifest.json is not a list of images"),
            (["manifest.json": "[}"], "manifest.json is not JSON"),
            (["manifest.json": "[" + String(repeating: " ", count: 8 << 20) + "]"], "larger than any"),
        ] as [([String: String], String)]
    )
    func others(files: [String: String], reason: String) async throws {
        var archive = TestArchive()
        for (path, text) in files.sorted(by: { $0.key < $1.key }) { archive.add(path, Array(text.utf8)) }
        let bytes = archive.finished
        let error = await #expect(throws: NotAnArchive.self) { try await Self.source(bytes) }
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    }

    @Test("a file that is not such an archive is refused with a sentence", arguments: ["", "not a tar at all"])
    func noArchive(text: String) async throws {
        let storage = MemoryStorage()
        let key = try ObjectKey(validating: "archive.tar")
        try await storage.write(ByteBuffer(string: text), to: key)
        let reader = try #require(try await storage.open(key))
        await #expect(throws: NotAnArchive.self) { try await ArchiveSource(reader, identity: "archive.tar") }
    }
}
