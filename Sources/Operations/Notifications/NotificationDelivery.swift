import Logging
import NIOCore
import RegistryCore
import Storage

/// Sends a receiver its notifications, one at a time, in order, each until the receiver has accepted it.
///
/// A record is removed after the receiver has accepted it, so that it may be sent twice but is not lost.
actor NotificationDelivery {
    /// The number of records to keep, and for how long. Then the oldest are given up.
    struct Limits: Sendable {
        var recordCount = 100_000
        var age = Duration.seconds(7 * 86_400)
    }

    /// More than any record has.
    private static let byteLimit = 64 << 20

    private let queue: NotificationQueue
    private let notifier: Notifier
    private let storage: any ObjectStorage
    private let transport: NotificationTransport
    private let limits: Limits
    private let logger: Logger
    /// The number of failures since the receiver last accepted a notification.
    private var failureCount = 0
    /// The number of notifications given up since that was last logged.
    private var droppedCount = 0

    private var endpoint: NotificationEndpoint { queue.endpoint }

    init(
        of queue: NotificationQueue,
        by notifier: Notifier,
        in storage: any ObjectStorage,
        through transport: NotificationTransport,
        limits: Limits = Limits(),
        logger: Logger
    ) {
        var logger = logger
        logger[metadataKey: "endpoint"] = "\(queue.endpoint.name)"
        self.queue = queue
        self.notifier = notifier
        self.storage = storage
        self.transport = transport
        self.limits = limits
        self.logger = logger
    }

    /// Sends notifications until the task is cancelled.
    func run() async {
        for await _ in queue.signals {
            do { try await sendAll() } catch is CancellationError { return } catch {
                logger.warning("cannot read the notifications to send", metadata: ["error": "\(error)"])
                do { try await transport.sleep(endpoint.backoff) } catch { return }
                queue.listAgain()
            }
        }
    }

    /// Sends all notifications that there are.
    func sendAll() async throws {
        while true {
            if let item = queue.take() {
                try await send(item)
            } else if queue.beginListing() {
                try await sendListed()
            } else {
                return
            }
        }
    }

    /// Sends the records in the storage. Those that are added meanwhile are in the queue too, and are gone by then.
    private func sendListed() async throws {
        let names = try await storage.list(queue.place).map(\.name)
        queue.counted(names.count)
        if let last = names.last { notifier.continueAfter(last) }
        for name in names { try await send(.stored(name)) }
    }

    private func send(_ item: NotificationQueue.Item) async throws {
        switch item {
        case .pull(let bytes): _ = try await isAccepted(bytes, at: nil)
        case .stored(let name):
            let key = queue.place.appending(name)
            // It is gone if it was sent since it was listed.
            guard let bytes = try await read(key) else { return }
            guard try await isAccepted(bytes, at: NotificationName.time(of: name)) else {
                return try await give(up: key)
            }
            try await remove(key)
        }
        queue.ended(item)
    }

    /// Reads a record; nil if it is gone. One that cannot be read is given up: it must not keep the others from being sent.
    private func read(_ key: ObjectKey) async throws -> ByteBuffer? {
        do throws(StorageError) { return try await storage.read(key, limit: Self.byteLimit) } catch {
            guard error.isOfOneObject else { throw error }
            logger.error("a notification cannot be read", metadata: ["error": "\(error)"])
            try await give(up: key)
            return nil
        }
    }

    /// Sends a notification until it is accepted; returns false if it is given up.
    ///
    /// - Parameter time: The time of its record; nil for that of a pull.
    private func isAccepted(_ bytes: ByteBuffer, at time: Int64?) async throws -> Bool {
        while true {
            try Task.checkCancellation()
            if let time, isBeyondLimits(time) { return false }
            if failureCount >= endpoint.threshold { try await transport.sleep(endpoint.backoff) }
            do {
                let status = try await transport.post(bytes, endpoint)
                notifier.metrics.count(status: status, of: endpoint)
                if (200..<400).contains(status) {
                    succeeded()
                    return true
                }
                failed(.failures, "the response has the status \(status)")
            } catch {
                try Task.checkCancellation()
                failed(.errors, "\(error)")
            }
        }
    }

    private func isBeyondLimits(_ time: Int64) -> Bool {
        queue.recordCount > limits.recordCount
            || WallClock.age(of: time, now: transport.now()) > limits.age.nanoseconds
    }

    private func succeeded() {
        notifier.metrics.count(.successes, of: endpoint)
        if failureCount > 0 {
            logger.notice(
                "notifications are accepted again",
                metadata: ["failures": "\(failureCount)", "given_up": "\(droppedCount)"]
            )
        }
        failureCount = 0
        droppedCount = 0
    }

    private func failed(_ kind: NotificationMetrics.Kind, _ reason: String) {
        notifier.metrics.count(kind, of: endpoint)
        // Once for each time that the receiver is away.
        if failureCount == 0 { logger.warning("notifications are not accepted", metadata: ["error": "\(reason)"]) }
        failureCount += 1
    }

    private func give(up key: ObjectKey) async throws {
        notifier.metrics.countDropped(by: endpoint)
        if droppedCount == 0 {
            logger.error("notifications are given up: there are too many, or they are too old")
        }
        droppedCount += 1
        try await remove(key)
        queue.ended(.stored(key.name))
    }

    /// Removes a record. It may reappear after a power loss, and is sent again then.
    private func remove(_ key: ObjectKey) async throws {
        var batch = WriteBatch()
        batch.discard(key)
        try await storage.commit(batch)
    }
}
