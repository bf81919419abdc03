import ImageModel
import Migration
import RegistryCore
import Storage
import TestSupport
import Testing

@Suite struct MigrationOptionTests {
    @Test(
        "a glob matches only whole names",
        arguments: [
            ("centos", "centos", true), ("centos", "centos6", false), ("centos*", "centos6", true),
            ("*", "", true), ("*6", "centos6", true), ("*6", "centos66", true), ("c?ntos", "cxntos", true),
            ("c?ntos", "cntos", false), ("a*b*c", "a-b-b-c", true), ("a*b*c", "a-b-b", false),
            ("team/*:v1.*", "team/x:v1.2", true),
            ("[a]", "a", false),
        ]
    )
    func globs(pattern: String, text: String, fits: Bool) {
        #expect(Glob(pattern).matches(text) == fits)
    }

    @Test(
        "a glob can match the repository alone",
        arguments: [
            ("centos", "centos", true), ("centos:6", "centos", true), ("team/*:v1.*", "team/x", true),
            ("team/*", "other/x", false), ("*:latest", "any/thing", true), ("", "centos", false),
        ]
    )
    func repositoryGlobs(pattern: String, repository: String, fits: Bool) {
        #expect(Glob(pattern).repositories.matches(repository) == fits)
    }

    @Test(
        "a repository is named according to the library option and the first matching rename",
        arguments: [
            ("library", "centos", "strip", [], "centos"),
            ("library", "centos", "keep", [], "library/centos"),
            ("team", "app", "strip", ["team=group"], "group/app"),
            ("team", "app", "strip", ["team/app=group/tool"], "group/tool"),
            ("teams", "app", "strip", ["team=group"], "teams/app"),
            ("library", "centos", "strip", ["centos=os/centos"], "os/centos"),
            ("library", "centos", "strip", ["library=base"], "base/centos"),
            ("team", "app", "strip", ["team=a", "team/app=b"], "a/app"),
            ("team", "app", "strip", ["team="], "app"),
        ]
    )
    func names(namespace: String, repository: String, library: String, renames: [String], name: String) throws {
        let mapping = NameMapping(
            library: try #require(NameMapping.Library(rawValue: library)),
            renames: try renames.map { try NameMapping.Rename(parsing: $0) }
        )
        let legacy = V1RepositoryName(namespace: namespace, repository: repository)
        #expect(try mapping.name(of: legacy).description == name)
    }

    @Test("a rename without an old name is refused", arguments: ["", "a", "=b"])
    func malformedRename(text: String) {
        #expect(throws: MalformedRename.self) { try NameMapping.Rename(parsing: text) }
    }

    @Test(
        "only selected tags are converted",
        arguments: [
            (["centos"], [], ["centos:6", "centos:base"]),
            (["library/centos:6"], [], ["centos:6"]),
            ([], ["*:6"], ["centos:base", "team/app:1"]),
            (["*:6", "team/*"], ["team/app:1"], ["centos:6"]),
            (["nothing"], [], []),
        ]
    )
    func selection(included: [String], excluded: [String], names: [String]) async throws {
        let storage = MemoryStorage()
        let tree = TestTree(storage: storage)
        let root = try await tree.add("a", layer: try TestTree.layer("plain.tar.gz"))
        let centos = V1RepositoryName(namespace: "library", repository: "centos")
        try await tree.tag("6", centos, root)
        try await tree.tag("base", centos, root)
        try await tree.tag("1", V1RepositoryName(namespace: "team", repository: "app"), root)
        let result = try await MigrationRun(from: storage, to: MemoryStorage())() {
            $0.selection = TagSelection(included: included.map(Glob.init), excluded: excluded.map(Glob.init))
        }
        #expect(result.names == names)
        #expect(result.survey.leftOutTagCount == 3 - names.count)
        #expect(result.isComplete)
    }

    @Test("tags set before the given time are skipped")
    func since() async throws {
        let storage = MemoryStorage()
        let tree = TestTree(storage: storage)
        let root = try await tree.add("a", layer: try TestTree.layer("plain.tar.gz"))
        try await tree.tag("6", V1RepositoryName(namespace: "library", repository: "centos"), root)
        // Invalid as a v2 tag, but outside the selection.
        try await tree.tag("-old", V1RepositoryName(namespace: "library", repository: "centos"), root)
        let run = MigrationRun(from: storage, to: MemoryStorage())
        let none = try await run { $0.selection.since = WallClock.now + 3_600_000_000_000 }
        #expect(none.names == [] && none.isComplete && none.survey.leftOutTagCount == 2)
        #expect(try await run { $0.selection.since = WallClock.now - 3_600_000_000_000 }.names == ["centos:6"])
    }
}
