import ImageModel
import Logging
import RegistryCore
import Storage
import Synchronization
import Testing

@testable import Operations

/// How receivers get what happened: in order, and whatever happens to them or to this process.
@Suite struct NotificationDeliveryTests {
    private let storage = MemoryStorage()
    private let metrics = PrometheusMetrics()
    private let receiver = TestReceiver()

    private func notifier(_ endpoints: [NotificationEndpoint] = [TestReceiver.endpoint()]) -> Notifier {
        let source = NotificationSource(address: "h:5000", instanceID: UploadID().description, root: "")
        return Notifier(endpoints, from: source, metrics: metrics, now: receiver.now)
    }

    private func delivery(
        by notifier: Notifier,
        limits: NotificationDelivery.Limits = .init()
    ) -> NotificationDelivery {
        NotificationDelivery(
            of: notifier.queues[0],
            by: notifier,
            in: storage,
            through: receiver.transport,
            limits: limits,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// Commits the deletes of tags, and returns the tags.
    @discardableResult
    private func delete(_ tags: [String], by notifier: Notifier) async throws -> [String] {
        let repository = EventRepository(try RepositoryName(parsing: "a/b"))
        for tag in tags {
            var batch = WriteBatch()
            let committed = notifier.record([RegistryEvent(.tagRemoved(tag), in: repository)], in: &batch)
            try await storage.commit(batch)
            committed?()
        }
        return tags
    }

    private func storedCount() async throws -> Int {
        try await storage.list(OwnLayout.notifications(for: "receiver")).count
    }

    @Test("each in a request of its own, in order, and then it is no longer stored")
    func order() async throws {
        let notifier = notifier()
        let tags = try await delete((0..<20).map { "t\($0)" }, by: notifier)
        #expect(try await storedCount() == 20)
        try await delivery(by: notifier).sendAll()
        #expect(receiver.tags == tags)
        #expect(try await storedCount() == 0)
        let page = await metrics.page()
        for line in [
            #"registry_notifications_events_total{endpoint="receiver",type="Events"} 20"#,
            #"registry_notifications_events_total{endpoint="receiver",type="Successes"} 20"#,
            #"registry_notifications_events_total{endpoint="receiver",type="Errors"} 0"#,
            #"registry_notifications_status_total{code="200 OK",endpoint="receiver"} 20"#,
            #"registry_notifications_pending_total{endpoint="receiver"} 0"#,
        ] {
            #expect(page.contains(line + "\n"), "\(line)")
        }
    }

    @Test("after an hour without a receiver, all of them; attempts are spaced out after the threshold")
    func hour() async throws {
        let notifier = notifier([TestReceiver.endpoint(threshold: 3, backoff: .seconds(60))])
        let start = receiver.now()
        receiver.respond { $0 - start < Duration.seconds(3600).nanoseconds ? 503 : 202 }
        let tags = try await delete((0..<10).map { "t\($0)" }, by: notifier)
        try await delivery(by: notifier).sendAll()
        #expect(receiver.tags == tags)
        // Three at once, and then one each minute.
        #expect(receiver.refusedCount == 3 + 59)
        #expect(receiver.now() - start == Duration.seconds(3600).nanoseconds)
        let failures = #"registry_notifications_events_total{endpoint="receiver",type="Failures"} 62"#
        #expect(await metrics.page().contains(failures + "\n"))
    }

    @Test("a receiver that cannot be reached is asked again, and a redirect counts as accepted")
    func errors() async throws {
        let notifier = notifier()
        let count = Mutex(0)
        receiver.respond { _ in
            let attempt = count.withLock { count in
                count += 1
                return count
            }
            return attempt < 5 ? nil : 302
        }
        try await delete(["a"], by: notifier)
        try await delivery(by: notifier).sendAll()
        #expect(receiver.tags == ["a"])
        let page = await metrics.page()
        #expect(page.contains(#"registry_notifications_events_total{endpoint="receiver",type="Errors"} 4"# + "\n"))
        #expect(page.contains(#"registry_notifications_status_total{code="302 Found",endpoint="receiver"} 1"# + "\n"))
    }

    @Test("those that a process left are sent by the next, before its own, even if its clock is behind")
    func leftByAnotherProcess() async throws {
        // The first process ends after its commits.
        let left = try await delete(["a", "b"], by: notifier())
        let place = OwnLayout.notifications(for: "receiver")
        let last = try #require(try await storage.list(place).last?.name)
        receiver.setBack(by: .seconds(3600))
        let next = notifier()
        try await delivery(by: next).sendAll()
        #expect(receiver.tags == left)
        try await delete(["c", "d"], by: next)
        #expect(try await storage.list(place).allSatisfy { $0.name > last })
        receiver.forget()
        // It dies, too.
        try await delivery(by: notifier()).sendAll()
        #expect(receiver.tags == ["c", "d"])
        #expect(try await storedCount() == 0)
    }

    @Test("one that is sent while its process dies is sent again")
    func twice() async throws {
        let notifier = notifier()
        try await delete(["a"], by: notifier)
        let dead = FailingRemovals(storage)
        let delivery = NotificationDelivery(
            of: notifier.queues[0],
            by: notifier,
            in: dead,
            through: receiver.transport,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        await #expect(throws: StorageError.self) { try await delivery.sendAll() }
        try await self.delivery(by: self.notifier()).sendAll()
        #expect(receiver.tags == ["a", "a"])
    }

    @Test("more than are remembered are found in the storage, in order")
    func many() async throws {
        let notifier = notifier()
        let count = NotificationQueue.itemLimit + 20
        let tags = try await delete((0..<count).map { "t\($0)" }, by: notifier)
        try await delivery(by: notifier).sendAll()
        #expect(receiver.tags == tags)
        #expect(try await storedCount() == 0)
    }

    @Test("beyond the limits, the oldest are given up and counted")
    func limits() async throws {
        let first = notifier()
        receiver.respond { _ in 500 }
        try await delete((0..<10).map { "t\($0)" }, by: first)
        receiver.pass(.seconds(8 * 86_400))
        try await delete(["young 1", "young 2", "young 3"], by: first)
        receiver.respond { _ in 200 }
        var limits = NotificationDelivery.Limits()
        limits.recordCount = 2
        try await delivery(by: first, limits: limits).sendAll()
        #expect(receiver.tags == ["young 2", "young 3"])
        #expect(await metrics.page().contains(#"longshore_notifications_dropped_total{endpoint="receiver"} 11"# + "\n"))
        #expect(try await storedCount() == 0)
        try await delete((0..<3).map { "old \($0)" }, by: first)
        receiver.pass(.seconds(8 * 86_400))
        try await delete(["young"], by: first)
        receiver.forget()
        try await delivery(by: first).sendAll()
        #expect(receiver.tags == ["young"])
    }

    @Test("each receiver has its own, without what it ignores; one that left the configuration has none")
    func receivers() async throws {
        let all = NotificationEndpoint(name: "a/b ü", url: "http://all")
        let some = NotificationEndpoint(name: "some", url: "http://some", ignoredActions: ["delete"])
        let notifier = notifier([all, some])
        try await delete(["a"], by: notifier)
        #expect(notifier.queues.map(\.count) == [1, 0])
        #expect(try await storage.list(OwnLayout.notifications(for: "a/b ü")).count == 1)
        let service = NotificationService(
            of: self.notifier([]),
            known: ["some"],
            in: storage,
            through: receiver.transport,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let running = Task { try await service.run() }
        while try await !storage.list(OwnLayout.notifications).isEmpty { await Task.yield() }
        running.cancel()
        try await running.value
    }

    @Test("pulls are sent in between, from memory alone, up to a limit")
    func pulls() async throws {
        let notifier = notifier()
        let name = try RepositoryName(parsing: "a/b")
        let digest = try Digest(parsing: "sha256:" + String(repeating: "a", count: 64))
        try await delete(["1"], by: notifier)
        let actor = EventActor(user: nil, interface: .v2, request: nil)
        for _ in 0..<NotificationQueue.itemLimit + 5 {
            notifier.note(RegistryPull(.blob(digest, byteCount: 1), in: name, by: actor))
        }
        try await delete(["2"], by: notifier)
        #expect(try await storedCount() == 2)
        try await delivery(by: notifier).sendAll()
        #expect(receiver.actions.first == "delete")
        #expect(receiver.actions.count { $0 == "pull" } == NotificationQueue.itemLimit)
        #expect(receiver.tags == ["1", "2"])
        #expect(await metrics.page().contains(#"longshore_notifications_dropped_total{endpoint="receiver"} 5"# + "\n"))
    }
}

/// A storage in which records cannot be removed: as if the process died before.
private final class FailingRemovals: ForwardingStorage {
    let base: any ObjectStorage

    init(_ base: any ObjectStorage) { self.base = base }

    func commit(_ batch: WriteBatch) async throws(StorageError) {
        throw .unwritable(batch.changes[0].key, reason: "the process is dead")
    }
}
