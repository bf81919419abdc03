import NIOCore
import RegistryCore
package import Storage

/// The health of the directory that is served: `health.storagedriver`.
package struct StorageHealth: Sendable {
    /// The name of the check in registry:2's results.
    package static let name = "storagedriver_filesystem"
    /// A push needs room for the files of the file system too.
    private static let minimumFreeByteCount: Int64 = 16 << 20

    private let storage: FileSystemStorage
    /// The lock of the directory; nil if it is read-only.
    private let lock: DirectoryLock?

    package init(_ storage: FileSystemStorage, _ lock: DirectoryLock?) {
        self.storage = storage
        self.lock = lock
    }

    /// Has `checks` fail from the moment that the directory is replaced, whatever the intervals are.
    package func watch(_ checks: HealthChecks) {
        let root = storage.root
        storage.rootWatch.observe { isReplaced in
            let reason = isReplaced ? Self.replaced(root) : nil
            checks.record(Self.name, failure: reason, refuses: true)
        }
    }

    private static func replaced(_ root: String) -> String {
        "\(root) is not the directory that was opened; was a disk unmounted?"
    }

    /// Looks at the directory alone. It makes the watch notice its return too.
    package func checkRoot() async -> String? {
        do {
            _ = try await storage.attributes(of: .root)
            return storage.rootWatch.isReplaced ? Self.replaced(storage.root) : nil
        } catch {
            return storage.rootWatch.isReplaced ? Self.replaced(storage.root) : "\(error)"
        }
    }

    /// Looks at everything: the directory, its lock, free space, and whether a file can be written.
    package func check() async -> String? {
        if let reason = await checkRoot() { return reason }
        guard !storage.isReadOnly else { return nil }
        do {
            if let lock, try await !lock.isInPlace { return "the lock of \(storage.root) was removed" }
            if let free = await storage.freeByteCount, free < Self.minimumFreeByteCount {
                return "\(storage.root) has only \(free) bytes free"
            }
            var batch = WriteBatch()
            batch.put(ByteBuffer(string: "\(WallClock.now)\n"), at: OwnLayout.healthProbe, as: .cache)
            batch.discard(OwnLayout.healthProbe)
            try await storage.commit(batch)
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Reports the lock and the free space whenever metrics are read.
    package func report(to metrics: PrometheusMetrics, _ checks: HealthChecks) {
        metrics.beforeRendering {
            var isHeld = false
            if let lock { isHeld = (try? await lock.isInPlace) ?? false }
            metrics.set("longshore_storage_lock_held", isHeld ? 1 : 0)
            if let free = await storage.freeByteCount { metrics.set("longshore_storage_free_bytes", Double(free)) }
            for (name, isHealthy) in checks.results {
                metrics.set("longshore_health_check_healthy", isHealthy ? 1 : 0, [("check", name)])
            }
        }
    }
}
