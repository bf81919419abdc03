import Foundation
import TestSupport
import Testing

@testable import RegistryCore

@Suite("Collections among writers", .serialized) struct InterleavingTests {
    private static let environment = ProcessInfo.processInfo.environment
    /// How many fresh schedules run, of which one in ten has v1 clients.
    private static let count =
        environment["LONGSHORE_FULL"] == "1" ? 100_000 : environment["CI"] == "true" ? 2_000 : 200

    @Test("no image that was acknowledged lacks anything, in whatever order things happen")
    func schedules() async throws {
        try await runAll(Self.count - Self.count / 10) { CollectionSchedule(seed: $0) }
    }

    @Test("nor where v1 clients push too, and their images are converted")
    func legacy() async throws {
        try await runAll(Self.count / 10) { CollectionSchedule(seed: $0, hasV1: true) }
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

    /// Seeds by which an image is lost when a rule is left out.
    private static let recorded: [(rule: CollectionRules, seeds: [UInt64])] = [
        (.intent, [8, 22, 30]), (.secondMark, [2, 3, 4]), (.verdict, [2, 33, 51]), (.waiting, [2, 51, 118]),
        (.lastLook, [51, 66, 101]), (.intentsFirst, [140, 272, 307]),
    ]

    @Test("every rule is needed: without it an image is lost", arguments: recorded.indices)
    func rules(index: Int) async throws {
        let (rule, seeds) = Self.recorded[index]
        for seed in seeds {
            await #expect(throws: CollectionSchedule.Loss.self, "seed \(seed)") {
                try await CollectionSchedule(seed: seed, rules: CollectionRules.all.subtracting(rule)).run()
            }
            try await CollectionSchedule(seed: seed).run()
        }
    }
}
