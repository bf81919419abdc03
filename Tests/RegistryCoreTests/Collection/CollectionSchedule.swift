import ImageModel
import NIOCore
import Storage
import Synchronization
import SystemLibraries
import TestSupport

@testable import RegistryCore

/// Concurrent pushes of the same and of different images, mounts, deletes, retags, v1 pushes and collections, in an
/// order determined by a seed.
struct CollectionSchedule: Sendable {
    /// A failed check: part of an acknowledged image is gone, or unneeded content is left.
    struct Loss: Error, CustomStringConvertible {
        let description: String
    }

    let seed: UInt64
    var rules = CollectionRules.all
    /// Whether to include v1 pushes and conversions, which use threads of their own.
    var hasV1 = false
    /// Whether two registries share a bucket, each with a collector that believes it is the only one. Requests are
    /// delayed there, so that pushes fail, announcements expire and deletions come too late.
    var isShared = false

    private static let names = ["a", "b/c"]
    static let imageCount = 4

    /// Runs the schedule, and returns its length.
    ///
    /// - Throws: ``Loss`` if a check fails.
    func run() async throws -> Int {
        try await SeededExecutor.run(seed: seed) { try await play(on: $0) }
    }

    /// The registry that a client talks to, and what all clients know.
    struct World: Sendable {
        let storage: any ObjectStorage
        /// The storage as the registry sees it.
        let yielding: YieldingStorage
        let registry: Registry
        let records: PushRecords
        let policy: CollectionPolicy
    }

    private func play(on executor: SeededExecutor) async throws {
        var generator = SeededGenerator(seed: seed &* 0x9E37_79B9)
        let policy = CollectionPolicy(
            grace: .zero,
            untaggedAge: Bool.random(using: &generator) ? nil : .zero,
            sweepsV1Images: hasV1 && Bool.random(using: &generator)
        )
        let clock = isShared ? ScheduleClock() : nil
        let storage: any ObjectStorage = if let clock { MemoryBucket(clock: { clock.now }) } else { MemoryStorage() }
        let records = PushRecords()
        let worlds = (0..<(isShared ? 2 : 1)).map { _ in
            let yielding = YieldingStorage(storage, on: executor, clock: clock, seed: generator.next())
            return World(
                storage: storage,
                yielding: yielding,
                registry: open(yielding, clock, executor, SeededGenerator(seed: generator.next())),
                records: records,
                policy: policy
            )
        }
        let world = worlds[0]
        // Start with unneeded content.
        for number in 0..<2 { try await addUnneeded(number, in: Self.names[0], to: storage) }
        let plans = (0..<Int.random(in: 2...4, using: &generator)).map { _ in generator.next() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, plan) in plans.enumerated() {
                group.addTask { try await work(SeededGenerator(seed: plan), worlds[number % worlds.count]) }
            }
            for world in worlds {
                let count = Int.random(in: 1...2, using: &generator)
                group.addTask { for _ in 0..<count { try await collect(world) } }
            }
            try await group.waitForAll()
        }
        try await check(world, "at the end")
        // What was announced and condemned has expired by now.
        clock?.advance(by: .seconds(8 * 3600))
        clock?.endDelays()
        for world in worlds { world.yielding.endYields() }
        _ = try await world.registry.collector.run(policy)
        try await check(world, "after another collection")
        try await checkGarbage(world)
    }

    private var configuration: Registry.Configuration {
        var configuration = Registry.Configuration(conversionConcurrency: 2)
        // Nothing may depend on the time a run takes.
        configuration.window = .zero
        return configuration
    }

    private func open(
        _ storage: any ObjectStorage,
        _ clock: ScheduleClock?,
        _ executor: SeededExecutor,
        _ generator: SeededGenerator
    ) -> Registry {
        guard let clock else { return openRegistry(storage, configuration, rules: rules) }
        let numbers = SeededNumbers(generator)
        let pause = { @Sendable (duration: Duration) in
            // As if the clock ran faster.
            clock.advance(by: duration * 20)
            await executor.pause(20)
        }
        let ledger = BucketLedger(storage, pause: pause) { numbers.next() }
        return openRegistry(storage, configuration, ledger: ledger, rules: rules)
    }

    private func collect(_ world: World) async throws {
        await Task.yield()
        do { _ = try await world.registry.collector.run(world.policy) } catch {
            // A collection that was delayed too long has ended early.
            guard isShared, error is StorageError else { throw error }
        }
    }

    /// Performs the operations of one client, one after the other.
    private func work(_ start: SeededGenerator, _ world: World) async throws {
        var generator = start
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let number = Int.random(in: 0..<Self.imageCount, using: &generator)
            let name = Self.names.randomElement(using: &generator) ?? "a"
            switch Int.random(in: 0..<(hasV1 ? 13 : 9), using: &generator) {
            case 0, 1: try await push(number, tag: "t\(number)", in: name, world, has: true)
            case 2: try await push(number, tag: "t", in: name, world, has: true)
            case 3: try await push(number, tag: "t\(number)", in: name, world, has: false)
            case 4: try await mount(number, in: name, world)
            case 5: try await pushIndex(number, in: name, world, has: true)
            case 6: try await pushIndex(number, in: name, world, has: false)
            case 7, 8: try await delete(number, in: name, world)
            case 9: try await deleteV1(in: name, world)
            default: try await pushV1(number, in: name, world)
            }
        }
    }
}

/// Random numbers for several tasks.
private final class SeededNumbers: Sendable {
    private let generator: Mutex<SeededGenerator>

    init(_ generator: SeededGenerator) { self.generator = Mutex(generator) }

    func next() -> UInt64 { generator.withLock { max(1, $0.next()) } }
}
