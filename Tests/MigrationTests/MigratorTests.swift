import Foundation
import ImageModel
import Migration
import NIOCore
import RegistryCore
import Storage
import SystemLibraries
import TestSupport
import Testing

@Suite struct MigratorTests {
    let source = MemoryStorage()
    let destination = MemoryStorage()
    let centos = V1RepositoryName(namespace: "library", repository: "centos")

    func migrate(_ change: (inout MigrationOptions) -> Void = { _ in }) async throws -> MigrationResult {
        var options = MigrationOptions(jobs: 2, isSourceIdle: true)
        change(&options)
        let migrator = Migrator(
            from: DirectorySource(source, identity: "source"),
            to: DirectoryDestination(destination),
            isInPlace: false,
            journal: try await MigrationJournal(in: destination, of: "source"),
            options: options
        )
        let survey = try await migrator.survey()
        return try await migrator.run(survey, try await migrator.plan(survey))
    }

    /// Two tags on one chain of two images, and one tag whose image does not exist.
    func fill() async throws {
        let tree = TestTree(storage: source)
        let root = try await tree.add("a", layer: try TestTree.layer("plain.tar.gz"))
        let top = try await tree.add("b", layer: try TestTree.layer("pax.tar.gz"), below: [root])
        try await tree.tag("6", centos, top)
        try await tree.tag("base", centos, root)
        try await tree.tag("gone", centos, try TestTree.id("f"))
        try await tree.tag("-dash", centos, top)
    }

    @Test("converts every sound tag, reads every layer once, and lists the rest with the reason")
    func all() async throws {
        try await fill()
        let result = try await migrate()
        #expect(result.tags.map { "\($0.tag.name):\($0.tag.tag)" }.sorted() == ["centos:6", "centos:base"])
        #expect(result.tags.allSatisfy { $0.outcome == .converted && $0.imageID != nil })
        #expect(result.failures.map(\.tag).sorted() == ["-dash", "gone"])
        #expect(result.isComplete == false)
        let layers = try TestTree.layer("plain.tar.gz").count + TestTree.layer("pax.tar.gz").count
        #expect(result.readByteCount == Int64(layers))
        let failure = try #require(result.failures.first { $0.tag == "gone" })
        #expect(failure.reason.contains("not in the tree"))
        #expect(failure.image == (try TestTree.id("f")))
    }

    @Test("a second run changes nothing and says so")
    func again() async throws {
        try await fill()
        let first = try await migrate()
        let second = try await migrate()
        #expect(!first.changedNothing)
        #expect(second.changedNothing)
        #expect(second.readByteCount == 0)
        #expect(second.tags.allSatisfy { $0.outcome == .unchanged })
        #expect(second.tags.map(\.manifest.description).sorted() == first.tags.map(\.manifest.description).sorted())
    }

    @Test("a tag that moved in the source is converted again, one that is newer in v2 is kept")
    func moved() async throws {
        try await fill()
        let first = try await migrate()
        let tree = TestTree(storage: source)
        try await tree.tag("6", centos, try TestTree.id("a"))
        let second = try await migrate()
        let base = first.tags.first { $0.tag.tag.description == "base" }?.manifest
        #expect(second.tags.first { $0.tag.tag.description == "6" }?.outcome == .converted)
        #expect(second.tags.first { $0.tag.tag.description == "6" }?.manifest == base)

        let old = try #require(first.tags.first { $0.tag.tag.description == "6" }?.manifest)
        let link = V2Layout.currentLink(try Tag(parsing: "base"), in: try RepositoryName(parsing: "centos"))
        try await destination.write(ByteBuffer(string: old.description), to: link)
        let third = try await migrate()
        #expect(third.tags.first { $0.tag.tag.description == "base" }?.outcome == .kept)
        #expect(third.tags.first { $0.tag.tag.description == "base" }?.manifest == old)
    }

    @Test("a damaged layer affects all tags above it, and no others")
    func damagedLayer() async throws {
        try await fill()
        try await source.write(ByteBuffer(), to: V1Layout.layer(try TestTree.id("b")))
        let result = try await migrate()
        #expect(result.tags.map(\.tag.tag.description) == ["base"])
        let reason = try #require(result.failures.first { $0.tag == "6" }?.reason)
        #expect(reason.contains("empty"))
        let report = MigrationReport(result, host: "here", source: "a", destination: "b", started: .now, finished: .now)
        let json = try #require(try JSONSerialization.jsonObject(with: report.encoded()) as? [String: Any])
        let images = try #require(json["damagedImages"] as? [[String: Any]])
        let damaged = images.first { $0["image"] as? String == (try? TestTree.id("b").description) }
        #expect(damaged?["tags"] as? [String] == ["library/centos:6"])
        #expect(json["isComplete"] as? Bool == false)
    }

    @Test(
        "of two tags with one name in v2 the second fails, unless both point to the same image",
        arguments: [true, false]
    )
    func oneName(isOneImage: Bool) async throws {
        try await fill()
        let other = V1RepositoryName(namespace: "team", repository: "centos")
        try await TestTree(storage: source).tag("6", other, try TestTree.id(isOneImage ? "b" : "a"))
        for _ in 0..<2 {
            let result = try await migrate { $0.naming.renames = (try? [.init(parsing: "team=")]) ?? [] }
            let converted = result.tags.filter { $0.tag.tag.description == "6" }
            #expect(converted.count == (isOneImage ? 2 : 1))
            #expect(converted.allSatisfy { $0.tag.image == (try? TestTree.id("b")) })
            let failure = result.failures.first { $0.name == "team/centos:6" }
            #expect(failure == nil ? isOneImage : failure?.reason.contains("has another image") == true)
        }
    }

    @Test("an unreadable directory is a failure of its own", arguments: ["library", "library/centos"])
    func unreadable(name: String) async throws {
        try await fill()
        let tree = TestTree(storage: source)
        try await tree.tag("1", V1RepositoryName(namespace: "team", repository: "app"), try TestTree.id("a"))
        let key = try ObjectKey(validating: "repositories/\(name)")
        let result = try await MigrationRun(from: UnreadableDirectory(base: source, key: key), to: destination)()
        #expect(result.names == ["team/app:1"])
        #expect(result.failures.map(\.name) == [name])
        #expect(result.failures.first?.reason.contains("Permission denied") == true)
        let excluding = try await MigrationRun(from: UnreadableDirectory(base: source, key: key), to: destination)() {
            $0.selection.excluded = [Glob("library*")]
        }
        #expect(excluding.isComplete)
    }

    @Test("a name that docker-registry would not have written is a failure of its own")
    func undecodable() async throws {
        try await fill()
        let id = Array(try TestTree.id("a").description.utf8)
        for path in ["library/centos/tag_%FF", "library/centos/tag_%36", "library/%FF/tag_1"] {
            try await TestTree(storage: source).write(id, try ObjectKey(validating: "repositories/\(path)"))
        }
        let result = try await migrate()
        #expect(result.tags.map(\.tag.tag.description).sorted() == ["6", "base"])
        let names = result.failures.filter { $0.reason.contains("not one that docker-registry writes") }.map(\.name)
        #expect(names.sorted() == ["library/%FF", "library/centos:%36", "library/centos:%FF"])
    }

    @Test("nothing is written to the source")
    func sourceUntouched() async throws {
        try await fill()
        let before = try await source.list(.root)
        _ = try await migrate()
        #expect(try await source.list(.root) == before)
    }
}
