import Foundation
import TestSupport
import Testing

@testable import RegistryCore

@Suite("Collections among writers", .serialized) struct InterleavingTests {
    private static let isFull = ProcessInfo.processInfo.environment["LONGSHORE_FULL"] == "1"

    @Test("no image that was acknowledged lacks anything, in whatever order things happen")
    func schedules() async throws {
        try await runAll(Self.isFull ? 90_000 : 1_800) { CollectionSchedule(seed: $0) }
    }

    @Test("nor where v1 clients push too, and their images are converted")
    func legacy() async throws {
        try await runAll(Self.isFull ? 10_000 : 200) { CollectionSchedule(seed: $0, hasV1: true) }
    }

    /// Runs fresh schedules, two at a time.
    private func runAll(_ count: Int, _ schedule: @escaping @Sendable (UInt64) -> CollectionSchedule) async throws {
        let first = UInt64.random(in: 0...UInt64.max)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for half in 0..<2 {
                group.addTask {
                    for number in stride(from: half, to: count, by: 2) {
                        try await schedule(first &+ UInt64(number)).run()
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("debug")
    func debug() async throws {
        guard let text = ProcessInfo.processInfo.environment["SEED"] else { return }
        for part in text.split(separator: ",") {
            do { try await CollectionSchedule(seed: UInt64(part) ?? 0).run() } catch { print("DEBUG", error) }
        }
    }

    /// Seeds by which an image is lost when a rule is left out.
    private static let recorded: [(rule: CollectionRules, seeds: [UInt64])] = [
        (.intent, []), (.secondMark, []), (.verdict, []), (.waiting, []), (.lastLook, []), (.intentsFirst, []),
    ]

    @Test("every rule is needed: without it an image is lost", arguments: recorded.indices)
    func rules(index: Int) async throws {
        let (rule, seeds) = Self.recorded[index]
        var found: [UInt64] = []
        for seed in seeds.isEmpty ? Array(0..<600) : seeds {
            do {
                try await CollectionSchedule(seed: seed, rules: CollectionRules.all.subtracting(rule)).run()
            } catch is CollectionSchedule.Loss {
                found.append(seed)
                if seeds.isEmpty, found.count == 3 { break }
            }
        }
        print("RULE", rule.rawValue, found)
        #expect(!found.isEmpty)
        for seed in seeds { try await CollectionSchedule(seed: seed).run() }
    }
}
