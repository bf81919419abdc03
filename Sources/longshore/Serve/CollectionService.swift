import Logging
import RegistryCore
import ServiceLifecycle
import Settings

/// Removes unneeded content at intervals while the server runs: `storage.maintenance.collection`.
struct CollectionService: Service {
    let collector: Collector
    let interval: Duration
    let policy: CollectionPolicy
    let logger: Logger

    /// The maximum delay before the first collection.
    private static let patience = Duration.seconds(3600)

    func run() async throws {
        collector.expect(policy)
        await cancelWhenGracefulShutdown {
            var pause = min(interval, Self.patience)
            while !Task.isCancelled {
                do { try await Task.sleep(for: max(pause, .seconds(1))) } catch { return }
                await collect()
                pause = interval
            }
        }
    }

    private func collect() async {
        do {
            let report = try await collector.run(policy)
            logger.notice(
                "collection finished",
                metadata: [
                    "blobs": "\(report.blobs.count)", "bytes": "\(report.blobs.byteCount)",
                    "manifests": "\(report.untaggedManifestCount)", "uploads": "\(report.uploadCount)",
                    "live": "\(report.liveCount)",
                ]
            )
        } catch is CancellationError {
            return
        } catch {
            logger.warning("collection ended early", metadata: ["error": "\(Explanation.of(error))"])
        }
    }
}

extension CollectionPolicy {
    /// The policy set in the configuration.
    init(_ settings: StorageSettings.Collection) {
        self.init(
            grace: settings.grace,
            untaggedAge: settings.untaggedAge,
            limit: SweepLimit(objects: settings.objectLimit, bytes: Int64(settings.megabyteLimit) << 20)
        )
    }
}
