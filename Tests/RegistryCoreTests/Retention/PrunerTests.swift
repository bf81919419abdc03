import Conversion
import Foundation
import ImageModel
import NIOCore
import NIOPosix
import Storage
import SystemLibraries
import TestSupport
import Testing

@testable import RegistryCore

/// Retention rules applied to a directory.
@Suite("The pruner") struct PrunerTests {
    private let root = FileManager.default.temporaryDirectory.appending(path: "longshore-\(UUID())")
    private let name: RepositoryName

    init() throws { name = try RepositoryName(parsing: "app") }

    /// Runs `body` with a registry in a directory.
    private func withRegistry(
        _ rules: RetentionRule?...,
        immutable: [ImmutabilityRule] = [],
        _ body: (Registry, any ObjectStorage) async throws -> Void
    ) async throws {
        let storage = try await FileSystemStorage.open(root: root.path, access: .readWrite, threadPool: .singleton)
        var configuration = Registry.Configuration(conversionConcurrency: 1)
        configuration.window = .zero
        configuration.tagRules = .init(immutability: immutable, retention: rules.compactMap(\.self))
        try await body(openRegistry(storage, configuration), storage)
        try FileManager.default.removeItem(at: root)
    }

    private func tag(_ text: String) throws -> Reference { .tag(try ImageModel.Tag(parsing: text)) }

    /// Makes a file of the directory look as if it was written some hours ago.
    private func age(_ key: ObjectKey, hours: Double) throws {
        let date = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: -3600 * hours)]
        try FileManager.default.setAttributes(date, ofItemAtPath: root.appending(path: key.description).path)
    }

    private func age(_ text: String, hours: Double) throws {
        try age(V2Layout.currentLink(try ImageModel.Tag(parsing: text), in: name), hours: hours)
    }

    private func tags(_ registry: Registry) async throws -> [String] {
        try await registry.catalogue.tags(in: name).map(\.description)
    }

    /// The tags that a run reported as deleted.
    private func deleted(_ registry: Registry, isDryRun: Bool) async throws -> [String] {
        var deleted: [String] = []
        let report = try await registry.pruner.pruneTags(isDryRun: isDryRun) { content in
            guard case .tag(_, let verdict, isChanged: false) = content, !verdict.reason.isKept else { return }
            deleted.append(verdict.entry.tag.description)
        }
        #expect(report.deletedTagCount == deleted.count)
        return deleted
    }

    @Test("deletes what no rule keeps, and in a dry run only says so")
    func prunes() async throws {
        let rule = RetentionRule(lastCount: 2, tags: [NamePattern("v*")])
        let frozen = ImmutabilityRule(repositories: [], tags: [NamePattern("frozen")])
        try await withRegistry(rule, immutable: [frozen]) { registry, _ in
            for (hours, text) in ["c", "b", "a", "v1", "frozen"].enumerated() {
                _ = try await registry.push(text, as: tag(text), in: name)
                try age(text, hours: Double(hours + 1))
            }
            #expect(try await deleted(registry, isDryRun: true) == ["a"])
            #expect(try await tags(registry).count == 5)
            #expect(try await deleted(registry, isDryRun: false) == ["a"])
            #expect(try await tags(registry) == ["b", "c", "frozen", "v1"])
            #expect(try await deleted(registry, isDryRun: false) == [])
            // The same digest again is a push too.
            _ = try await registry.push("b", as: tag("b"), in: name)
            _ = try await registry.push("d", as: tag("d"), in: name)
            #expect(try await deleted(registry, isDryRun: false) == ["c"])
        }
    }

    @Test("leaves repositories without a rule alone")
    func others() async throws {
        let rule = RetentionRule(repositories: [RepositoryPattern("team/*")], lastCount: 1)
        try await withRegistry(rule) { registry, _ in
            for (hours, text) in ["a", "b"].enumerated() {
                _ = try await registry.push(text, as: tag(text), in: name)
                try age(text, hours: Double(hours + 1))
            }
            #expect(try await registry.pruner.pruneTags() == PruningReport())
            #expect(try await tags(registry) == ["a", "b"])
        }
    }

    @Test("goes by the time of a v1 tag, converted or not, and deletes it in both protocols")
    func v1Tags() async throws {
        try await withRegistry(RetentionRule(lastCount: 1)) { registry, storage in
            let tree = TestTree(storage: storage)
            let v1Name = try #require(V1RepositoryName(name))
            let id = try await tree.add("a", layer: try TestTree.layer("plain.tar.gz"))
            for (hours, text) in ["new", "converted", "old"].enumerated() {
                try await tree.tag(text, v1Name, id)
                let key = try #require(V1Layout.tag(text, in: v1Name))
                try age(key, hours: Double(hours + 1))
            }
            // Its v2 link is younger than every push.
            _ = try await registry.manifest(tag("converted"), in: name)
            #expect(try await deleted(registry, isDryRun: false) == ["converted", "old"])
            #expect(try await tags(registry) == ["new"])
            #expect(try await registry.bridge.image(of: "old", in: v1Name) == nil)
            #expect(try await registry.bridge.image(of: "new", in: v1Name) == id.description)
        }
    }

    @Test("keeps a tag that was pushed again after it was judged, and one that cannot be read")
    func changed() async throws {
        try await withRegistry(RetentionRule(lastCount: 1)) { registry, storage in
            _ = try await registry.push("a", as: tag("a"), in: name)
            let text = try ImageModel.Tag(parsing: "a")
            let joiner = RegistryParts(storage: storage).joiner
            let state = try #require(try await joiner.state(of: text, in: name))
            _ = try await registry.push("a", as: tag("a"), in: name)
            #expect(try await registry.bridge.remove([state], in: name) == [])
            #expect(try await tags(registry) == ["a"])
            let link = V2Layout.currentLink(text, in: name)
            try await storage.write(.init(string: "damaged"), to: link)
            _ = try await registry.push("b", as: tag("b"), in: name)
            #expect(try await deleted(registry, isDryRun: false) == [])
            #expect(try await storage.attributes(of: link) != nil)
        }
    }

    @Test("removes the untagged manifests that a dry run names, and keeps children and signatures")
    func manifests() async throws {
        let rule = RetentionRule(tags: [NamePattern("t")], untaggedAge: .seconds(3600))
        try await withRegistry(rule) { registry, _ in
            let old = try await registry.push("old", as: tag("t"), in: name)
            let child = try await registry.push("child", as: tag("gone"), in: name)
            let list = try Manifest(
                parsing: Array(
                    """
                    {"schemaVersion":2,"mediaType":"\(MediaType.ociIndex)","manifests":[{"mediaType":\
                    "\(MediaType.schema2)","size":500,"digest":"\(child)"}]}
                    """.utf8
                ),
                contentType: nil
            )
            let index = try await registry.put(list, under: tag("t"), in: name)
            let signature = try Manifest(
                parsing: Array(
                    """
                    {"schemaVersion":2,"mediaType":"\(MediaType.ociIndex)","manifests":[],"subject":{"mediaType":\
                    "\(MediaType.schema2)","size":500,"digest":"\(child)"}}
                    """.utf8
                ),
                contentType: nil
            )
            let signed = Digest(.sha256, of: signature.bytes)
            _ = try await registry.put(signature, under: .digest(signed), in: name)
            let young = try await registry.push("young", as: tag("gone"), in: name)
            for digest in [old, child, index, signed] { try age(V2Layout.revisionLink(digest, in: name), hours: 2) }
            try age("gone", hours: 9)
            var named: [Digest] = []
            _ = try await registry.pruner.pruneTags(isDryRun: true) { content in
                if case .manifest(_, let manifest) = content { named.append(manifest.digest) }
            }
            #expect(named == [old])
            #expect(try await deleted(registry, isDryRun: false) == ["gone"])
            #expect(try await registry.pruner.pruneManifests { _ in } == 1)
            await #expect(throws: RegistryError.self) { try await registry.manifest(.digest(old), in: name) }
            for digest in [child, index, signed, young] {
                #expect(try await registry.manifest(.digest(digest), in: name).digest == digest)
            }
        }
    }
}
