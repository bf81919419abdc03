import Logging
import RegistryCore
import ServiceLifecycle
import Settings

/// Removes unneeded content at intervals while the server runs: `storage.maintenance.collection`. Before each collection,
/// the tags that retention rules do not keep are deleted.
struct CollectionService: Service {
    let registry: Registry
    let interval: Duration
    let policy: CollectionPolicy
    let logger: Logger

    /// The maximum delay before the first collection.
    private static let patience = Duration.seconds(3600)

    func run() async throws {
        registry.collector.expect(policy)
        await cancelWhenGracefulShutdown {
            var pause = min(interval, Self.patience)
            while !Task.isCancelled {
                pause = max(pause, .seconds(1))
                await registry.collector.expectNext(at: .now + pause)
                do { try await Task.sleep(for: pause) } catch { return }
                await prune()
                await collect()
                pause = interval
            }
        }
    }

    private func prune() async {
        do {
            let report = try await registry.pruner.pruneTags { content in
                guard case .tag(let name, let verdict, isChanged: false) = content, !verdict.reason.isKept else {
                    return
                }
                let target = verdict.entry.state.map { PruningText.target(of: $0) } ?? ""
                logger.info(
                    "tag deleted by retention",
                    metadata: ["repository": "\(name)", "tag": "\(verdict.entry.tag)", "target": "\(target)"]
                )
            }
            guard report != PruningReport() else { return }
            logger.notice(
                "retention finished",
                metadata: ["deleted": "\(report.deletedTagCount)", "kept": "\(report.keptTagCount)"]
            )
        } catch is CancellationError {
            return
        } catch {
            logger.warning("retention ended early", metadata: ["error": "\(Explanation.of(error))"])
        }
    }

    private func collect() async {
        var policy = policy
        policy.retention = registry.tagRules.content.retention
        do {
            let report = try await registry.collector.run(policy)
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
