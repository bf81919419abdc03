import Storage
import Testing

@Suite("Versions of objects")
struct ObjectVersionTests {
    static let versions = [
        ObjectVersion(byteCount: 5, modified: -7, inode: .max), ObjectVersion(number: 12), ObjectVersion(tag: ""),
        ObjectVersion(tag: "\"d41d8cd9 8f00\""),
        ObjectVersion(byteCount: 5, modified: 7, inode: 1).part(at: 512, byteCount: 3),
    ]

    @Test("are unchanged after being stored as text", arguments: versions)
    func text(version: ObjectVersion) throws { #expect(ObjectVersion(version.description) == version) }

    @Test("differ from each other", arguments: versions)
    func differ(version: ObjectVersion) { #expect(Self.versions.filter { $0 == version }.count == 1) }

    @Test(
        "cannot be parsed from other text",
        arguments: ["", "5", "file", "file 1 2", "file 1 2 3 4", "file 1 2 -3", "number", "number x", "12"]
    )
    func malformed(text: String) { #expect(ObjectVersion(text) == nil) }
}
