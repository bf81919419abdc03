import ImageModel
import NIOCore
import RegistryCore
import Storage
import TestSupport
import Testing

@Suite struct V1TreeTests {
    let storage = MemoryStorage()
    var tree: V1Tree { V1Tree(storage: storage) }
    let name = V1RepositoryName(namespace: "library", repository: "centos")

    @Test("lists repositories by name, whatever their directories are called, and ignores stray files")
    func repositories() async throws {
        for path in ["a/b%252Fc/tag_x", "library/centos/tag_latest", "library/old/json", "stray"] {
            try await storage.write(ByteBuffer(string: "x"), to: ObjectKey(validating: "repositories/\(path)"))
        }
        #expect(
            try await tree.repositories(damage: DamageLog(logger: nil)).map(\.description) == [
                "a/b/c", "library/centos", "library/old",
            ]
        )
    }

    @Test("distinguishes a tag whose name ends in _json from the record of a tag that begins with an underscore")
    func tagNames() async throws {
        for file in ["tag_latest", "taglatest_json", "tag__x", "tag_x_json", "tag_y_json", "tag_", "json"] {
            try await storage.write(
                ByteBuffer(string: "x"),
                to: ObjectKey(validating: "repositories/library/centos/\(file)")
            )
        }
        #expect(try await tree.tagNames(in: name) == ["_x", "latest", "y_json"])
    }

    @Test(
        "a tag's file with anything but an id points to no image",
        arguments: ["", "x", "\"aaaaaaaaaaaaaaaa\"", "aaaaaaaaaaaaaaaa\n"]
    )
    func tagContent(content: String) async throws {
        try await storage.write(
            ByteBuffer(string: content),
            to: ObjectKey(validating: "repositories/library/centos/tag_latest")
        )
        let tag = try #require(try await tree.tag("latest", in: name))
        #expect(tag.image == nil)
        #expect(tag.text == content)
    }

    @Test("a tag that another program is writing is read again, through either protocol", arguments: ["", "aaaaaaaa"])
    func halfWrittenTag(beginning: String) async throws {
        let key = try ObjectKey(validating: "repositories/library/centos/tag_latest")
        let id = "aaaaaaaaaaaaaaaa"
        try await storage.write(ByteBuffer(string: beginning), to: key)
        // The writer completes it once it has been found half-written.
        let half = ByteBuffer(string: beginning)
        let written = CountingStorage(storage) { [storage] key throws(StorageError) in
            try await storage.write(ByteBuffer(string: id), to: key)
        }
        let tree = V1Tree(storage: written)
        #expect(try await tree.tag("latest", in: name)?.text == id)
        try await storage.write(half, to: key)
        #expect(try await tree.side(Tag(parsing: "latest"), in: name)?.value.description == id)
    }

    @Test("an empty tag that is not being written is unreadable, never absent")
    func emptyTag() async throws {
        let tag = try Tag(parsing: "latest")
        #expect(try await tree.side(tag, in: name) == nil)
        try await storage.write(ByteBuffer(), to: ObjectKey(validating: "repositories/library/centos/tag_latest"))
        await #expect(throws: StorageError.self) { _ = try await tree.side(tag, in: name) }
    }
}
