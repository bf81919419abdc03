import Foundation
import TestSupport
import Testing

@testable import RegistryCore

@Suite("Collections among writers", .serialized) struct InterleavingTests {
    private static let environment = ProcessInfo.processInfo.environment
    /// The number of schedules with fresh seeds to run; one in ten has v1 clients.
    private static let count =
        environment["LONGSHORE_FULL"] == "1" ? 100_000 : environment["CI"] == "true" ? 2_000 : 100

    @Test("no image that was acknowledged lacks anything, in whatever order things happen")
    func schedules() async throws {
        try await runAll(Self.count - Self.count / 10) { CollectionSchedule(seed: $0) }
    }

    @Test("nor where v1 clients push too, and their images are converted")
    func legacy() async throws {
        try await runAll(Self.count / 10) { CollectionSchedule(seed: $0, hasV1: true) }
    }

    /// Runs schedules with fresh seeds, two at a time.
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

    private static let neededRules: [CollectionRules] = [
        .intent, .secondMark, .verdict, .waiting, .lastLook, .intentsFirst,
    ]

    /// Every new storage call of a writer shifts the seeds that lose an image, so the test searches for one.
    @Test(
        "every rule is needed: without it an image is lost, by a seed that is harmless with it",
        arguments: neededRules
    )
    func rules(rule: CollectionRules) async throws {
        for seed in UInt64(0)..<2_000 {
            do {
                try await CollectionSchedule(seed: seed, rules: CollectionRules.all.subtracting(rule)).run()
            } catch is CollectionSchedule.Loss {
                return try await CollectionSchedule(seed: seed).run()
            }
        }
        Issue.record("no seed loses an image")
    }
}
