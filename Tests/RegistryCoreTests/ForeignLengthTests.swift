import ImageModel
import NIOCore
import Storage
import SystemLibraries
import TestSupport
import Testing

@testable import RegistryCore

/// Input of unbounded length.
@Suite struct ForeignLengthTests {
    private let storage = MemoryStorage()

    private func put(_ path: String, _ text: String) async throws {
        try await storage.write(ByteBuffer(string: text), to: try ObjectKey(validating: path))
    }

    @Test("a list of repositories continues after a name of any length")
    func longLast() async throws {
        for name in ["a", "a/b", "b"] {
            let digest = Digest(.sha256, of: [])
            try await put(
                V2Layout.currentLink(try Tag(parsing: "1"), in: RepositoryName(parsing: name)).description,
                "\(digest)"
            )
        }
        let catalogue = catalogue
        func names(after last: String) async throws -> [String] {
            try await catalogue.repositories(after: last).map(\.description)
        }
        #expect(try await names(after: String(repeating: "a", count: 1 << 20)) == ["b"])
        #expect(try await names(after: "a" + String(repeating: "/", count: 1 << 20)) == ["a/b", "b"])
        #expect(try await names(after: String(repeating: "\u{301}", count: 1 << 18)) == [])
    }

    private var catalogue: Catalogue {
        Catalogue(
            tree: V1Tree(storage: storage),
            recent: RecentStorage(over: TrackedStorage(storage), window: .zero),
            damage: DamageLog(logger: nil)
        )
    }

    @Test("directories deeper than any name are not walked")
    func deep() async throws {
        let deep = Array(repeating: "abcdefghi", count: 40).joined(separator: "/")
        try await put("docker/registry/v2/repositories/\(deep)/_manifests/tags/1/current/link", "x")
        try await put("docker/registry/v2/repositories/\(deep)/_uploads/00000000-0000-4000-8000-000000000000/data", "")
        let catalogue = catalogue
        #expect(try await catalogue.repositories() == [])
    }

    @Test(
        "a description is 100 code points, whatever they are",
        arguments: [
            ("short", "short"), (String(repeating: "a", count: 100), String(repeating: "a", count: 100)),
            (String(repeating: "a", count: 101), String(repeating: "a", count: 99) + "…"),
            ("a" + String(repeating: "\u{301}", count: 100_000), "a" + String(repeating: "\u{301}", count: 98) + "…"),
        ]
    )
    func descriptions(text: String, shown: String) async throws {
        let name = V1RepositoryName(namespace: "library", repository: "app")
        let tree = TestTree(storage: storage)
        let id = try await tree.add("a", layer: [])
        let json = #"{"id":"\#(id)","config":{"Labels":{"org.opencontainers.image.description":"\#(text)"}}}"#
        try await tree.write(Array(json.utf8), V1Layout.json(id))
        try await tree.tag("latest", name, id)
        let description = try await ImageDescriptions(parts: RegistryParts(storage: storage)).describe(name)
        #expect(description?.unicodeScalars.elementsEqual(shown.unicodeScalars) == true)
    }
}
