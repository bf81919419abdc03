import Synchronization
import Testing

@testable import RegistryCore

@Suite("Shared work") struct SharedWorkTests {
    /// Work that continues until it is told to end or is cancelled.
    private final class Gate: Sendable {
        let startCount = Atomic(0)
        let cancelCount = Atomic(0)
        private let stream: AsyncStream<Void>
        private let continuation: AsyncStream<Void>.Continuation
        private let started: AsyncStream<Void>
        private let startedContinuation: AsyncStream<Void>.Continuation

        init() {
            (stream, continuation) = AsyncStream.makeStream()
            (started, startedContinuation) = AsyncStream.makeStream()
        }

        func open() { continuation.finish() }

        func waitUntilStarted() async { for await _ in started { return } }

        func run() async throws -> Int {
            startCount.add(1, ordering: .relaxed)
            startedContinuation.yield()
            for await _ in stream {}
            guard !Task.isCancelled else {
                cancelCount.add(1, ordering: .relaxed)
                throw CancellationError()
            }
            return 7
        }
    }

    private struct Refusal: Error, Equatable {}

    private func work() -> SharedWork<String, Int> {
        SharedWork(failureLifetime: .seconds(60)) { $0 is Refusal }
    }

    /// Waits for an event on other threads, at most some seconds.
    private func eventually(_ condition: () -> Bool) async throws -> Bool {
        for _ in 0..<500 where !condition() { try await Task.sleep(for: .milliseconds(10)) }
        return condition()
    }

    @Test("is done once for all waiting callers")
    func once() async throws {
        let (work, gate) = (work(), Gate())
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<20 { group.addTask { try await work.value(for: "a") { try await gate.run() } } }
            await gate.waitUntilStarted()
            gate.open()
            for try await value in group { #expect(value == 7) }
        }
        #expect(gate.startCount.load(ordering: .relaxed) == 1)
    }

    @Test("is cancelled when the last waiting caller is, and not before")
    func cancelled() async throws {
        let (work, gate) = (work(), Gate())
        let first = Task { try await work.value(for: "a") { try await gate.run() } }
        await gate.waitUntilStarted()
        let second = Task { try await work.value(for: "a") { try await gate.run() } }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        #expect(gate.cancelCount.load(ordering: .relaxed) == 0)
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        #expect(try await eventually { gate.cancelCount.load(ordering: .relaxed) == 1 })
    }

    @Test("is cancelled when the waiting client has disconnected")
    func clientGone() async throws {
        let (work, gate, presence) = (work(), Gate(), ClientPresence())
        let waiting = Task {
            try await ClientPresence.$current.withValue(presence) {
                try await work.value(for: "a") { try await gate.run() }
            }
        }
        await gate.waitUntilStarted()
        presence.leave()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        #expect(try await eventually { gate.cancelCount.load(ordering: .relaxed) == 1 })
    }

    @Test("continues for callers whose time is up, and for the server itself")
    func keptUp() async throws {
        let (work, gate) = (work(), Gate())
        #expect(try await work.value(for: "a", within: .milliseconds(1)) { try await gate.run() } == nil)
        let wanted = Gate()
        await work.begin("b") { try await wanted.run() }
        await wanted.waitUntilStarted()
        let waiting = Task { try await work.value(for: "b") { 0 } }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        gate.open()
        wanted.open()
        #expect(try await work.value(for: "a") { 7 } == 7)
        #expect(try await work.value(for: "b") { 7 } == 7)
        #expect(gate.cancelCount.load(ordering: .relaxed) + wanted.cancelCount.load(ordering: .relaxed) == 0)
    }

    @Test("is not repeated for a while after a failure that would recur")
    func failures() async throws {
        let work = work()
        await #expect(throws: Refusal.self) { _ = try await work.value(for: "a") { throw Refusal() } }
        await #expect(throws: Refusal.self) { _ = try await work.value(for: "a") { 1 } }
        #expect(try await work.value(for: "b") { 1 } == 1)
    }
}
