import Storage
import Testing

@Suite("Object keys")
struct ObjectKeyTests {
    @Test(
        "refuse a path that could leave the root or cannot be a file's name",
        arguments: ["", "/a", "a/", "a//b", ".", "..", "a/../b", "a/./b", "a\0b", String(repeating: "x", count: 256)]
    )
    func refuses(path: String) {
        #expect(throws: MalformedObjectKey.self) { try ObjectKey(validating: path) }
    }

    @Test("accept odd but harmless names", arguments: ["a", "...", "..a/b", "-", "a b", "ä/ö", ".hidden"])
    func accepts(path: String) throws {
        #expect(try ObjectKey(validating: path).description == path)
    }

    @Test("split into parent and name")
    func splits() throws {
        let key = try ObjectKey(validating: "images/ID/json")
        #expect(key.parent == ObjectKey.root.appending("images/ID"))
        #expect(key.name == "json")
        #expect(key.parent.parent.parent == .root)
        #expect(ObjectKey.root.parent == .root)
        #expect(ObjectKey.root.name.isEmpty)
    }

    @Test(
        "append an untrusted component only when it is one",
        arguments: [("layer", true), ("a/b", false), ("..", false), ("", false)]
    )
    func appends(component: String, isTaken: Bool) {
        #expect((ObjectKey.root.appending("images").appending(untrusted: component) != nil) == isTaken)
    }

    @Test("order by bytes, not by language")
    func orders() {
        let names = ["a", "Z", "é", "z", "a/b", "a-b"].map { ObjectKey.root.appending($0) }
        #expect(names.sorted().map(\.description) == ["Z", "a", "a-b", "a/b", "z", "é"])
    }
}
