import ImageModel
import SystemLibraries
import Testing

@testable import RegistryCore

/// What rules keep, as a pure function.
@Suite("A judgement of retention") struct RetentionJudgementTests {
    private static let now: Int64 = 1_700_000_000_000_000_000
    private static let hour: Int64 = 3_600_000_000_000
    private static let subject = Digest(.sha256, of: Array("subject".utf8))

    /// Rules, the age of each tag in hours, and the tags that are kept.
    struct Example: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let rules: [RetentionRule?]
        let tags: [(name: String, hours: Int64)]
        let kept: [String]

        init(_ description: String, _ rules: [RetentionRule?], _ tags: [(String, Int64)], keeps kept: String...) {
            testDescription = description
            self.rules = rules
            self.tags = tags.map { (name: $0.0, hours: $0.1) }
            self.kept = kept
        }
    }

    private static func patterns(_ texts: String...) -> [NamePattern] { texts.map { NamePattern($0) } }

    static let examples: [Example] = [
        Example("no rule", [], [("a", 1), ("b", 99_999)], keeps: "a", "b"),
        Example("the last", [RetentionRule(lastCount: 2)], [("c", 3), ("a", 1), ("b", 2)], keeps: "a", "b"),
        Example("fewer than the last", [RetentionRule(lastCount: 9)], [("a", 1), ("b", 2)], keeps: "a", "b"),
        Example(
            "tags of one time are kept together",
            [RetentionRule(lastCount: 1)],
            [("a", 5), ("b", 5), ("c", 6)],
            keeps: "a",
            "b"
        ),
        Example(
            "the younger",
            [RetentionRule(youngerAge: .seconds(10 * 3600))],
            [("a", 9), ("b", 10), ("c", 11)],
            keeps: "a"
        ),
        Example(
            "the last or the younger",
            [RetentionRule(lastCount: 1, youngerAge: .seconds(3 * 3600))],
            [("a", 1), ("b", 2), ("c", 3)],
            keeps: "a",
            "b"
        ),
        Example(
            "names, which do not count among the last",
            [RetentionRule(lastCount: 1, tags: patterns("v*", "stable"))],
            [("v1", 1), ("a", 2), ("b", 3), ("stable", 9), ("v", 0)],
            keeps: "v1",
            "a",
            "stable",
            "v"
        ),
        Example(
            "what any of several rules keeps",
            [RetentionRule(lastCount: 1), RetentionRule(youngerAge: .seconds(3600), tags: patterns("old"))],
            [("a", 1), ("b", 2), ("old", 99)],
            keeps: "a",
            "old"
        ),
        Example(
            "ages that are no push's, which do not count among the last",
            [RetentionRule(lastCount: 1)],
            [("future", -48), ("epoch", now / hour), ("a", 1), ("b", 2)],
            keeps: "future",
            "epoch",
            "a"
        ),
        Example(
            "a clock that is a little ahead",
            [RetentionRule(lastCount: 1)],
            [("ahead", -2), ("a", 1)],
            keeps: "ahead"
        ),
    ]

    private static func entry(_ name: String, hours: Int64) throws -> RepositoryInventory.TagEntry {
        let tag = try ImageModel.Tag(parsing: name)
        let digest = Digest(.sha256, of: Array(name.utf8))
        // 472,222 hours ago is before 1970.
        let pushed = max(0, now - hours * hour - (hours == now / hour ? hour : 0))
        return RepositoryInventory.TagEntry(tag, state: TagState(tag: tag, target: .manifest(digest), pushed: pushed))
    }

    private static func kept(_ judgement: RetentionJudgement) -> Set<String> {
        Set(judgement.tags.filter(\.reason.isKept).map(\.entry.tag.description))
    }

    @Test("keeps", arguments: examples)
    func keeps(example: Example) throws {
        let rules = example.rules.compactMap(\.self)
        let inventory = RepositoryInventory(tags: try example.tags.map { try Self.entry($0.name, hours: $0.hours) })
        let judgement = RetentionJudgement(inventory, by: rules, now: Self.now)
        #expect(Self.kept(judgement) == Set(example.kept))
        #expect(judgement.tags.map(\.entry) == inventory.tags)
    }

    @Test("keeps immutable and unreadable tags, and tags of signatures while their subject exists")
    func reasons() throws {
        let rule = ImmutabilityRule(repositories: [], tags: Self.patterns("a"))
        var immutable = try Self.entry("a", hours: 9)
        immutable.protection = rule
        let unreadable = RepositoryInventory.TagEntry(try ImageModel.Tag(parsing: "b"), state: nil)
        var signature = try Self.entry("sha256-\(Self.subject.hex).sig", hours: 9)
        let orphan = signature
        signature.subject = Self.subject
        let rules = [RetentionRule(youngerAge: .seconds(3600))].compactMap(\.self)
        let inventory = RepositoryInventory(tags: [immutable, unreadable, signature, orphan])
        let judgement = RetentionJudgement(inventory, by: rules, now: Self.now)
        #expect(judgement.tags.map(\.reason) == [.immutable(rule), .unreadable, .refers(to: Self.subject), .unkept])
        #expect(signature.tag.referrerSubject == Self.subject)
        #expect(try ImageModel.Tag(parsing: "sha256-\(Self.subject.hex)").referrerSubject == Self.subject)
        for text in ["sha256-12", "latest", "sha256", "1.2"] {
            #expect(try ImageModel.Tag(parsing: text).referrerSubject == nil)
        }
    }

    @Test("needs a clause that keeps tags")
    func clauses() throws {
        #expect(RetentionRule(repositories: [RepositoryPattern("a")], untaggedAge: .seconds(1)) == nil)
        let team = RetentionRule(repositories: [RepositoryPattern("team/*")], lastCount: 1, untaggedAge: .seconds(5))
        let all = RetentionRule(lastCount: 1, untaggedAge: .seconds(9))
        let lasting = RetentionRule(repositories: [RepositoryPattern("team/x")], lastCount: 1)
        let rules = [team, all, lasting].compactMap(\.self)
        #expect(rules.count == 3)
        #expect(rules.untaggedAge(in: "other") == .seconds(9))
        #expect(rules.untaggedAge(in: "team/y") == .seconds(9))
        #expect(rules.untaggedAge(in: "team/x") == nil)
        #expect([RetentionRule]().untaggedAge(in: "x") == nil)
    }

    private static func digest(_ name: String) -> Digest { Digest(.sha256, of: Array(name.utf8)) }

    private static func manifest(
        _ name: String,
        hours: Int64 = 99,
        children: [String]? = [],
        subject: String? = nil
    ) -> RepositoryInventory.ManifestEntry {
        RepositoryInventory.ManifestEntry(
            digest(name),
            pushed: now - hours * hour,
            children: children.map { Set($0.map { digest($0) }) },
            subject: subject.map { digest($0) }
        )
    }

    private static let manifests = [
        manifest("tagged"), manifest("untagged"), manifest("older", hours: 100), manifest("young", hours: 1),
        manifest("list", children: ["child"]), manifest("child"), manifest("signature", subject: "child"),
        manifest("attestation", subject: "signature"), manifest("of-untagged", subject: "untagged"),
        manifest("doomed", hours: 98, children: ["part"]), manifest("part", hours: 97),
    ]

    @Test("removes untagged manifests, except those that a kept tag needs")
    func untagged() throws {
        let rules = [RetentionRule(tags: Self.patterns("tagged", "list"), untaggedAge: .seconds(36 * 3600))]
            .compactMap(\.self)
        let tags = try ["tagged", "list", "doomed"].map { try Self.entry($0, hours: 99) }
        let inventory = RepositoryInventory(tags: tags, manifests: Self.manifests)
        let judgement = RetentionJudgement(inventory, by: rules, now: Self.now)
        let expected = ["older", "untagged", "of-untagged", "doomed", "part"].map { Self.digest($0) }
        #expect(judgement.manifests.map(\.digest) == expected)
    }

    @Test("removes no manifest if what is needed is unknown, or a rule keeps untagged ones", arguments: 0..<3)
    func cautious(variant: Int) throws {
        let rule = RetentionRule(tags: Self.patterns("tagged"), untaggedAge: .seconds(36 * 3600))
        let keeping = RetentionRule(lastCount: 1)
        var inventory = RepositoryInventory(
            tags: [try Self.entry("tagged", hours: 99)],
            manifests: [Self.manifest("tagged"), Self.manifest("untagged")]
        )
        var rules = [rule].compactMap(\.self)
        #expect(RetentionJudgement(inventory, by: rules, now: Self.now).manifests.count == 1)
        switch variant {
        case 0: inventory.tags.append(RepositoryInventory.TagEntry(try ImageModel.Tag(parsing: "damaged"), state: nil))
        case 1: inventory.manifests.append(Self.manifest("damaged", children: nil))
        default: rules += [keeping].compactMap(\.self)
        }
        #expect(RetentionJudgement(inventory, by: rules, now: Self.now).manifests.isEmpty)
    }
}
