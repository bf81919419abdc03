import Foundation
import TestSupport
import Testing

@testable import RegistryCore

@Suite("Collections among writers", .serialized) struct InterleavingTests {
    private static let isFull = ProcessInfo.processInfo.environment["LONGSHORE_FULL"] == "1"
    /// The number of schedules with fresh seeds to run. Each takes a fiftieth of a second without optimization.
    private static let count = isFull ? 100_000 : 2_000

    @Test("no image that was acknowledged lacks anything, in whatever order things happen")
    func schedules() async throws {
        try await runAll(Self.count * 7 / 10) { CollectionSchedule(seed: $0) }
    }

    @Test("nor where v1 clients push too, and their images are converted")
    func legacy() async throws {
        try await runAll(Self.count / 10) { CollectionSchedule(seed: $0, hasV1: true) }
    }

    @Test("nor where two registries and two collectors share a bucket, and requests come late")
    func shared() async throws {
        try await runAll(Self.count / 5) { CollectionSchedule(seed: $0, isShared: true) }
    }

    /// Runs schedules with fresh seeds, two at a time.
    private func runAll(_ count: Int, _ schedule: @escaping @Sendable (UInt64) -> CollectionSchedule) async throws {
        let first = UInt64.random(in: 0...UInt64.max)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for half in 0..<2 {
                group.addTask {
                    for number in stride(from: half, to: count, by: 2) {
                        _ = try await schedule(first &+ UInt64(number)).run()
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// A rule, and the kind of schedule that loses an image without it.
    struct NeededRule: Sendable, CustomTestStringConvertible {
        let name: String
        let rule: CollectionRules
        var isShared = false

        var testDescription: String { name }

        static let all = [
            NeededRule(name: "intent", rule: .intent), NeededRule(name: "second-mark", rule: .secondMark),
            NeededRule(name: "verdict", rule: .verdict), NeededRule(name: "waiting", rule: .waiting),
            NeededRule(name: "last-look", rule: .lastLook), NeededRule(name: "intents-first", rule: .intentsFirst),
            NeededRule(name: "deletion-deadline", rule: .deletionDeadline, isShared: true),
            NeededRule(name: "link-deadline", rule: .linkDeadline, isShared: true),
        ]

        /// The seed in `testdata/collection/seeds`, which has a line for each rule.
        func recordedSeed() throws -> UInt64? {
            let file = TestTree.testdata.appending(path: "collection/seeds")
            let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
            return lines.map { $0.split(separator: " ") }.first { $0.first == name[...] }?.last.flatMap { UInt64($0) }
        }
    }

    /// The number of seeds to try in a full run where the recorded one loses nothing.
    private static let searchLimit: UInt64 = 20_000

    @Test(
        "every rule is needed: without it an image is lost, by a seed that is harmless with it",
        arguments: NeededRule.all
    )
    func rules(needed: NeededRule) async throws {
        let recorded = try #require(try needed.recordedSeed())
        if try await loses(needed, recorded) {
            _ = try await CollectionSchedule(seed: recorded, isShared: needed.isShared).run()
            return
        }
        // Every new storage call of a writer or a collector changes the order that a seed stands for.
        let advice = "the seed \(recorded) of '\(needed.name)' in testdata/collection/seeds loses nothing any more"
        guard Self.isFull else {
            Issue.record("\(advice); LONGSHORE_FULL=1 finds another")
            return
        }
        for seed in 0..<Self.searchLimit where try await loses(needed, seed) {
            _ = try await CollectionSchedule(seed: seed, isShared: needed.isShared).run()
            Issue.record("\(advice); \(seed) does")
            return
        }
        Issue.record("no seed loses an image without the rule \(needed.name)")
    }

    private func loses(_ needed: NeededRule, _ seed: UInt64) async throws -> Bool {
        let rules = CollectionRules.all.subtracting(needed.rule)
        do {
            _ = try await CollectionSchedule(seed: seed, rules: rules, isShared: needed.isShared).run()
            return false
        } catch is CollectionSchedule.Loss {
            return true
        }
    }

    @Test("a seed stands for one order", arguments: [false, true])
    func order(isShared: Bool) async throws {
        let first = try await CollectionSchedule(seed: 7, isShared: isShared).run()
        #expect(try await CollectionSchedule(seed: 7, isShared: isShared).run() == first)
    }
}
