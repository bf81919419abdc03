import SystemLibraries
import Testing

@testable import RegistryHTTP

@Suite("An htpasswd file")
struct HtpasswdDocumentTests {
    private static let one = "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="
    private static let two = "xqsAcfT51./Mc"

    @Test("is read with comments, blank lines, either line ending, and meaningless lines")
    func reads() {
        let text =
            "# users\r\n\r\n  amy:\(Self.one)\r\nbob:\(Self.two):Bob\nplain:secret\nempty:\nnone\n:\(Self.one)\nlast:\(Self.one)"
        let document = HtpasswdDocument(Array(text.utf8))
        #expect(document.users["amy"] == PasswordHash(Self.one))
        #expect(document.users["bob"] == PasswordHash(Self.two))
        #expect(document.users["last"] == PasswordHash(Self.one))
        #expect(document.users["plain"] == .some(nil))
        #expect(document.users["none"] == nil)
        #expect(document.malformedLines == [5, 6, 7, 8])
        #expect(document.hash(letting: "plain", inBy: Array("secret".utf8)) == nil)
        #expect(document.hash(letting: "empty", inBy: []) == nil)
    }

    @Test("uses the last of a user's lines, like registry:2")
    func duplicates() {
        let document = HtpasswdDocument(Array("amy:\(Self.one)\namy:\(Self.two)\n".utf8))
        #expect(document.users["amy"] == PasswordHash(Self.two))
    }

    @Test("keeps all other lines when a user is set, added or deleted")
    func edits() throws {
        let hash = try #require(PasswordHash(Self.two))
        var document = HtpasswdDocument(Array("# mine\namy:\(Self.one)\n\nbob:\(Self.one)\namy:\(Self.one)\n".utf8))
        document.set(hash, for: "amy")
        #expect(String(decoding: document.bytes, as: UTF8.self) == "# mine\n\nbob:\(Self.one)\namy:\(Self.two)\n")
        document.set(hash, for: "new")
        #expect(document.users["new"] == hash)
        #expect(document.remove("bob") && !document.remove("bob"))
        let left = String(decoding: document.bytes, as: UTF8.self)
        #expect(left == "# mine\n\namy:\(Self.two)\nnew:\(Self.two)\n")
        #expect(HtpasswdDocument(document.bytes).users == document.users)
    }

    @Test("has no user with a name that could not be written", arguments: ["", "a:b", "#a", " a", "a\n", "a\u{0}b"])
    func names(name: String) { #expect(!HtpasswdDocument.isName(name)) }

    @Test("of groups lists each user's groups")
    func groups() {
        let document = GroupDocument(Array("# c\nops: amy bob\r\nci:ci\nops: eve\nnone\n".utf8))
        #expect(document.groups == ["amy": ["ops"], "bob": ["ops"], "eve": ["ops"], "ci": ["ci"]])
    }
}
