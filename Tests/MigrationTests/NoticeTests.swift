import Migration
import RegistryCore
import Storage
import TestSupport
import Testing

@testable import Migration

@Suite("Warnings") struct NoticeTests {
    @Test("are one line per kind, and a single one is shown in full")
    func groups() {
        let kind = "no record of who pushed their tags"
        var notices = (0..<3).flatMap { number in
            ["a", "b"].map { tag in
                SourceNotice(subject: "repository team/app\(number)", text: "tag\(tag)_json is missing", kind: kind)
            }
        }
        notices.append(SourceNotice(subject: "repository team/odd", text: "x is stray", kind: "there are strays"))
        notices += (0..<2).map { SourceNotice(subject: "image \($0)", text: "_checksum is missing") }
        let groups = NoticeGroups(notices)
        #expect(groups.noticeCount == 9)
        #expect(
            groups.lines == [
                "3 repositories: \(kind)", "2 images: _checksum is missing", "repository team/odd: x is stray",
            ]
        )
    }

    /// A tree of two repositories without records of who pushed their tags.
    private func tree() async throws -> MemoryStorage {
        let storage = MemoryStorage()
        let tree = TestTree(storage: storage)
        let image = try await tree.add("1", layer: try TestTree.layer("plain.tar"))
        for name in ["one", "two"] {
            try await tree.tag("v1", V1RepositoryName(namespace: "team", repository: name), image)
        }
        return storage
    }

    @Test("exclude repositories outside the selection")
    func excluded() async throws {
        let run = MigrationRun(from: try await tree(), to: MemoryStorage())
        let result = try await run { $0.selection.excluded = [Glob("team/two")] }
        #expect(Set(result.notices.map(\.subject).filter { $0.hasPrefix("repository") }) == ["repository team/one"])
    }

    @Test("of a run that changes nothing are those of the previous run")
    func repetition() async throws {
        let run = MigrationRun(from: try await tree(), to: MemoryStorage())
        let (first, second) = (try await run(), try await run())
        #expect(!first.isRepetition && !first.notices.isEmpty)
        #expect(second.isRepetition && Set(second.notices) == Set(first.notices))
    }

    @Test("name the patterns that match nothing")
    func patterns() async throws {
        let storage = try await tree()
        var options = MigrationOptions(jobs: 1, isSourceIdle: true)
        options.selection = TagSelection(included: [Glob("team/*"), Glob("taem/*")], excluded: [Glob("*:old")])
        options.naming.renames = [
            try NameMapping.Rename(parsing: "team=group"), try NameMapping.Rename(parsing: "team/one=first"),
        ]
        let destination = DirectoryDestination(MemoryStorage())
        let migrator = Migrator(
            from: DirectorySource(storage, identity: "source"),
            to: destination,
            isInPlace: false,
            journal: try await MigrationJournal(in: destination.workspace, of: "source"),
            options: options
        )
        let warnings = try await migrator.survey().unusedPatterns
        #expect(warnings.count == 3)
        #expect(warnings[0] == "--include 'taem/*' matches no tag")
        #expect(warnings[1] == "--exclude '*:old' matches no tag")
        #expect(warnings[2].hasPrefix("--map 'team/one=first' renames nothing"))
    }
}
