import NIOCore
package import RegistryCore
package import Storage
import Synchronization

/// Writes notifications of changes with their commits, and of pulls to memory; ``NotificationService`` sends them.
///
/// v2 and v1 clients cause the same notifications. A v1 push causes one when its tag is set to the converted manifest.
package final class Notifier: EventRecorder {
    let queues: [NotificationQueue]
    let metrics: NotificationMetrics
    private let source: NotificationSource
    private let includesReferences: Bool
    private let now: @Sendable () -> Int64
    private let lastTime = Mutex(Int64(0))

    /// - Parameters:
    ///   - includesReferences: Whether the notification of a manifest lists what the manifest references.
    ///   - hasRecords: Whether the storage may have records of earlier processes.
    ///   - now: The time of day, in nanoseconds since 1970.
    package init(
        _ endpoints: [NotificationEndpoint],
        from source: NotificationSource,
        includesReferences: Bool = false,
        hasRecords: Bool = true,
        metrics: PrometheusMetrics,
        now: @escaping @Sendable () -> Int64 = { WallClock.now }
    ) {
        queues = endpoints.map { NotificationQueue(for: $0, hasRecords: hasRecords) }
        self.source = source
        self.includesReferences = includesReferences
        self.now = now
        self.metrics = NotificationMetrics(metrics)
        for queue in queues { self.metrics.follow(queue) }
    }

    package func record(_ events: [RegistryEvent], in batch: inout WriteBatch) -> (@Sendable () -> Void)? {
        var written: [(queue: NotificationQueue, name: String)] = []
        for event in events {
            for notification in RegistryNotification.all(of: event, includesReferences: includesReferences) {
                let wanting = queues.filter { $0.endpoint.wants(notification) }
                guard !wanting.isEmpty else { continue }
                let time = nextTime()
                let bytes = envelope(notification, at: time)
                let name = NotificationName(at: time, in: String(source.instanceID.prefix(8))).text
                for queue in wanting {
                    batch.put(bytes, at: queue.place.appending(name))
                    written.append((queue, name))
                }
            }
        }
        guard !written.isEmpty else { return nil }
        return { [written, metrics] in
            for (queue, name) in written {
                metrics.count(.events, of: queue.endpoint)
                queue.add(name)
            }
        }
    }

    package func note(_ pull: RegistryPull) {
        let notification = RegistryNotification(of: pull, includesReferences: includesReferences)
        let wanting = queues.filter { $0.endpoint.wants(notification) }
        guard !wanting.isEmpty else { return }
        let bytes = envelope(notification, at: nextTime())
        for queue in wanting {
            metrics.count(.events, of: queue.endpoint)
            if !queue.add(bytes) { metrics.countDropped(by: queue.endpoint) }
        }
    }

    /// Has later records sort after one of an earlier process, even if the clock was set back since.
    func continueAfter(_ name: String) {
        guard let time = NotificationName.time(of: name) else { return }
        lastTime.withLock { $0 = max($0, time) }
    }

    private func envelope(_ notification: RegistryNotification, at time: Int64) -> ByteBuffer {
        notification.envelope(id: UploadID().description, at: time, from: source)
    }

    /// The time of the next event, which differs from those of all others.
    private func nextTime() -> Int64 {
        let time = now()
        return lastTime.withLock { last in
            last = max(time, last < .max ? last + 1 : last)
            return last
        }
    }
}
