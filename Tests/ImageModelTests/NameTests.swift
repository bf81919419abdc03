import ImageModel
import Testing

@Suite("Names: repositories, tags, v1 ids, media types")
struct NameTests {
    @Test(
        "a repository name consists of lowercase components with single, double or dashed separators",
        arguments: [
            "a", "centos6", "library/centos6", "a/b/c/d", "a-b", "a--b", "a---b", "a_b", "a__b", "a.b", "a.b_c__d-e/f",
            "0/1",
            "a/blobs/b", String(repeating: "a", count: 255),
        ]
    )
    func repositoryNames(text: String) throws {
        #expect(try RepositoryName(parsing: text).description == text)
    }

    @Test(
        "any other repository name is refused",
        arguments: [
            "", "/", "a/", "/a", "a//b", "A", "aB", "a..b", "a___b", "a._b", "a-_b", "-a", "a-", "_a", "a_", ".a", "a.",
            "a+b",
            "a b", "ä", "a:b", "a@b", "a/../b", "a\n", String(repeating: "a", count: 256),
        ]
    )
    func refusedRepositoryNames(text: String) {
        let error = #expect(throws: MalformedRepositoryName.self) { try RepositoryName(parsing: text) }
        #expect(error?.text == text)
    }

    @Test(
        "a tag is a word character followed by up to 127 more, dots or dashes",
        arguments: ["a", "_", "1.0", "v1.2-rc_3", "A.-_", String(repeating: "a", count: 128)]
    )
    func tags(text: String) throws {
        #expect(try Tag(parsing: text).description == text)
    }

    @Test(
        "any other tag is refused",
        arguments: ["", "-dash", ".a", "a+b", "a:b", "a/b", "a b", "ä", "a\n", String(repeating: "a", count: 129)]
    )
    func refusedTags(text: String) {
        let error = #expect(throws: MalformedTag.self) { try Tag(parsing: text) }
        #expect(error?.text == text)
    }

    @Test("a v1 id is 16 or 64 lowercase hex digits", arguments: [16, 64])
    func v1IDs(length: Int) throws {
        let text = String(repeating: "a0", count: length / 2)
        #expect(try V1ImageID(parsing: text).description == text)
    }

    @Test(
        "any other v1 id is refused",
        arguments: [
            "", "abc", String(repeating: "a", count: 63), String(repeating: "A", count: 64),
            String(repeating: "g", count: 16), String(repeating: "a", count: 65), String(repeating: "a", count: 32),
        ]
    )
    func refusedV1IDs(text: String) {
        #expect(throws: MalformedV1ImageID.self) { try V1ImageID(parsing: text) }
    }

    @Test(
        "a media type is parsed without its parameters and surrounding space",
        arguments: [
            ("application/json", "application/json"), ("application/json; charset=utf-8", "application/json"),
            ("  text/plain ;q=0.1", "text/plain"), ("", ""), (";x", ""), (" ", ""), ("a/b;c;d", "a/b"),
        ]
    )
    func mediaTypes(text: String, expected: String) {
        #expect(MediaType(text).description == expected)
    }

    @Test("foreign and nondistributable layers are distinguished from required ones")
    func foreignLayers() {
        #expect(MediaType.dockerForeignLayer.isForeignLayer)
        #expect(MediaType("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip").isForeignLayer)
        #expect(!MediaType.dockerLayerGzip.isForeignLayer)
    }
}
