import ImageModel
import Synchronization
import Testing

@testable import RegistryCore

@Suite("The lock of a repository") final class RepositoryLockTests: Sendable {
    private let locks = RepositoryLocks()
    private let name: RepositoryName
    private let steps = Mutex<[String]>([])

    init() throws { name = try RepositoryName(parsing: "app") }

    private func note(_ step: String) { steps.withLock { $0.append(step) } }

    private func gate() -> (AsyncStream<Void>, AsyncStream<Void>.Continuation) { AsyncStream.makeStream(of: Void.self) }

    private func pass(_ gate: AsyncStream<Void>) async { for await _ in gate {} }

    @Test("is shared by writers, and not by a deletion, which later writers wait for")
    func order() async throws {
        let (first, openFirst) = gate()
        let (entered, noteEntry) = gate()
        async let writer: Void = locks.withSharedLock(of: name) {
            noteEntry.yield()
            await pass(first)
            note("first")
        }
        var entries = entered.makeAsyncIterator()
        await entries.next()
        await locks.withSharedLock(of: name) { note("beside") }
        // The same repository by its v1 name.
        let v1Name = V1RepositoryName(namespace: "library", repository: "app")
        async let deletion: Void = locks.withExclusiveLock(of: v1Name) { note("deletion") }
        while await locks.waitingCount == 0 { await Task.yield() }
        async let later: Void = locks.withSharedLock(of: name) { note("later") }
        while await locks.waitingCount == 1 { await Task.yield() }
        let other = try RepositoryName(parsing: "other")
        await locks.withExclusiveLock(of: other) { note("other") }
        openFirst.finish()
        _ = await (writer, deletion, later)
        #expect(steps.withLock { $0 } == ["beside", "other", "first", "deletion", "later"])
        #expect(await locks.waitingCount == 0)
    }

    @Test("is released when the work fails")
    func failure() async throws {
        for _ in 0..<2 {
            await #expect(throws: CancellationError.self) {
                try await locks.withExclusiveLock(of: name) { throw CancellationError() }
            }
        }
        await locks.withSharedLock(of: name) {}
    }
}
