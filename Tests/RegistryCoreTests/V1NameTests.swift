import ImageModel
import RegistryCore
import Storage
import Testing

@Suite struct V1NameTests {
    @Test(
        "a v1 name has docker-registry's directory, and the v2 name that people know",
        arguments: [
            (V1RepositoryName(namespace: "library", repository: "centos6"), "repositories/library/centos6", "centos6"),
            (V1RepositoryName(namespace: "foo", repository: "bar"), "repositories/foo/bar", "foo/bar"),
            (V1RepositoryName(namespace: "a", repository: "b/c"), "repositories/a/b%252Fc", "a/b/c"),
            (V1RepositoryName(namespace: "..", repository: ".."), "repositories/%2E%2E/%252E%252E", nil),
            (V1RepositoryName(namespace: "foo", repository: "UPPER"), "repositories/foo/UPPER", nil),
            (V1RepositoryName(namespace: "foo", repository: "a b"), "repositories/foo/a%2Bb", nil),
        ]
    )
    func names(name: V1RepositoryName, path: String, modern: String?) throws {
        #expect(V1Layout.repository(name)?.description == path)
        if let modern {
            #expect(try name.v2Name.description == modern)
            #expect(V1RepositoryName(try name.v2Name) == name)
        } else {
            #expect(throws: MalformedRepositoryName.self) { try name.v2Name }
        }
    }

    @Test("library/X of v2 has no v1 name, since X has it")
    func libraryIsTaken() throws {
        #expect(V1RepositoryName(try RepositoryName(parsing: "library/centos")) == nil)
    }

    @Test(
        "a tag has docker-registry's file",
        arguments: [
            ("latest", "tag_latest"), ("a+b", "tag_a%2Bb"), ("a b", "tag_a+b"), ("%", "tag_%25"), ("..", "tag_%2E%2E"),
            ("é", "tag_%C3%A9"), ("latest\n", "tag_latest%0A"),
        ]
    )
    func tags(tag: String, file: String) {
        let name = V1RepositoryName(namespace: "foo", repository: "bar")
        #expect(V1Layout.tag(tag, in: name)?.name == file)
    }

    @Test("a name too long for the file system has no directory")
    func tooLong() {
        let name = V1RepositoryName(namespace: "foo", repository: String(repeating: "x", count: 256))
        #expect(V1Layout.repository(name) == nil)
    }
}
