import CoreMetrics
package import NIOCore
import RegistryCore
package import Storage

/// A storage that times each call: `registry_storage_action_seconds`, with the names of registry:2's actions.
package final class MeteredStorage: StepForwardingStorage {
    /// The storage that does the work.
    package let base: any ObjectStorage
    private let stat: CoreMetrics.Timer
    private let getContent: CoreMetrics.Timer
    private let reader: CoreMetrics.Timer
    private let list: CoreMetrics.Timer
    private let putContent: CoreMetrics.Timer
    private let writer: CoreMetrics.Timer
    private let delete: CoreMetrics.Timer

    /// - Parameter driver: The name of the driver: `filesystem`.
    package init(_ base: any ObjectStorage, driver: String, _ metrics: PrometheusMetrics) {
        self.base = base
        func timer(_ action: String) -> CoreMetrics.Timer {
            CoreMetrics.Timer(
                label: "registry_storage_action_seconds",
                dimensions: [("action", action), ("driver", driver)],
                factory: metrics
            )
        }
        stat = timer("Stat")
        getContent = timer("GetContent")
        reader = timer("Reader")
        list = timer("List")
        putContent = timer("PutContent")
        writer = timer("Writer")
        delete = timer("Delete")
    }

    private func timed<Value>(
        _ timer: CoreMetrics.Timer,
        _ call: () async throws(StorageError) -> Value
    ) async throws(StorageError) -> Value {
        let start = ContinuousClock.now
        defer { timer.recordNanoseconds(start.duration(to: .now).nanoseconds) }
        return try await call()
    }
}

extension MeteredStorage {
    package func attributes(of key: ObjectKey) async throws(StorageError) -> ObjectAttributes? {
        try await timed(stat) { () throws(StorageError) in try await base.attributes(of: key) }
    }

    package func attributes(of keys: [ObjectKey]) async throws(StorageError) -> [ObjectAttributes?] {
        try await timed(stat) { () throws(StorageError) in try await base.attributes(of: keys) }
    }

    package func read(_ key: ObjectKey, limit: Int) async throws(StorageError) -> ByteBuffer? {
        try await timed(getContent) { () throws(StorageError) in try await base.read(key, limit: limit) }
    }

    package func read(_ keys: [ObjectKey], limit: Int) async throws(StorageError) -> [ByteBuffer?] {
        try await timed(getContent) { () throws(StorageError) in try await base.read(keys, limit: limit) }
    }

    package func open(_ key: ObjectKey) async throws(StorageError) -> (any ObjectReader)? {
        try await timed(reader) { () throws(StorageError) in try await base.open(key) }
    }

    package func open(_ key: ObjectKey, with link: ObjectKey, prefetching prefetch: Int)
        async throws(StorageError) -> LinkedObject
    {
        try await timed(reader) { () throws(StorageError) in
            try await base.open(key, with: link, prefetching: prefetch)
        }
    }

    package func list(_ prefix: ObjectKey, after name: String?, limit: Int) async throws(StorageError) -> [ObjectEntry]
    {
        try await timed(list) { () throws(StorageError) in
            try await base.list(prefix, after: name, limit: limit)
        }
    }

    package func commit(_ batch: WriteBatch) async throws(StorageError) {
        try await timed(putContent) { () throws(StorageError) in try await base.commit(batch) }
    }

    package func stage(_ purpose: StagingPurpose) async throws(StorageError) -> any StagedObject {
        try await timed(writer) { () throws(StorageError) in try await base.stage(purpose) }
    }

    package func removeAll(below prefix: ObjectKey, first keys: [ObjectKey]) async throws(StorageError) {
        try await timed(delete) { () throws(StorageError) in try await base.removeAll(below: prefix, first: keys) }
    }
}
