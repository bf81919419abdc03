import CoreMetrics
package import RegistryCore
import Storage
import Synchronization

/// Counts the changes and the work of a registry.
package struct RegistryMetrics: Sendable {
    private let metrics: PrometheusMetrics
    private let cacheHits: Growth
    private let cacheMisses: Growth

    /// Starts counting.
    package init(of registry: Registry, _ metrics: PrometheusMetrics) {
        self.metrics = metrics
        cacheHits = Growth()
        cacheMisses = Growth()
        // A counter that begins with its first event hides that event from a rate.
        for change in Self.changes { _ = count("longshore_changes_total", [("change", change)]) }
        let tally = self
        registry.events.subscribe { event in
            tally.count("longshore_changes_total", [("change", event.change.name)]).increment()
        }
        registry.events.observe { activity in tally.note(activity) }
        metrics.beforeRendering { [weak registry] in
            guard let registry else { return }
            metrics.set("longshore_uploads_open", Double(await registry.uploads.openCount))
            tally.note(registry.cacheLookups)
        }
    }

    private func note(_ activity: RegistryActivity) {
        switch activity {
        case .conversion: count("longshore_conversions_total", [("result", "success")]).increment()
        case .failedConversion: count("longshore_conversions_total", [("result", "failure")]).increment()
        case .derivation(let form, let succeeded):
            count("longshore_derivations_total", [("form", form), Self.result(succeeded)]).increment()
        case .collection(let collection, _):
            guard !collection.isDryRun else { return }
            count("longshore_collections_total", [Self.result(collection.isComplete)]).increment()
            count("longshore_collection_removed_blobs_total").increment(by: collection.blobCount)
            count("longshore_collection_freed_bytes_total").increment(by: collection.byteCount)
            metrics.set("longshore_collection_last_duration_seconds", collection.duration / .seconds(1))
            if collection.isComplete { metrics.set("longshore_collection_last_success_timestamp_seconds", Self.now) }
        case .verification(let verification):
            count("longshore_verifications_total", [Self.result(verification.isComplete)]).increment()
            guard verification.isComplete else { return }
            count("longshore_verified_bytes_total").increment(by: verification.byteCount)
            metrics.set("longshore_damaged_objects", Double(verification.damageCount))
            metrics.set("longshore_verification_last_success_timestamp_seconds", Self.now)
        }
    }

    private func note(_ lookups: CacheLookups) {
        let hits = cacheHits.take(lookups.hitCount)
        let misses = cacheMisses.take(lookups.missCount)
        count("registry_storage_cache_total", [("type", "Request")]).increment(by: hits + misses)
        count("registry_storage_cache_total", [("type", "Hit")]).increment(by: hits)
        count("registry_storage_cache_total", [("type", "Miss")]).increment(by: misses)
    }

    private func count(_ name: String, _ labels: [(String, String)] = []) -> Counter {
        Counter(label: name, dimensions: labels, factory: metrics)
    }

    private static func result(_ succeeded: Bool) -> (String, String) { ("result", succeeded ? "success" : "failure") }

    private static var now: Double { Double(WallClock.now / 1_000_000_000) }

    private static let changes = [
        "manifest_pushed", "manifest_deleted", "tag_set", "tag_deleted", "blob_pushed", "blob_mounted", "blob_deleted",
        "image_pushed", "repository_changed", "repository_deleted",
    ]

    /// How much a number has grown since it was last looked at.
    private final class Growth: Sendable {
        private let last = Mutex(0)

        func take(_ total: Int) -> Int {
            last.withLock { last in
                defer { last = total }
                return max(0, total &- last)
            }
        }
    }
}

extension RegistryEvent.Change {
    /// The kind of change, as metrics and the audit log name it.
    var name: String {
        switch self {
        case .manifestPushed: "manifest_pushed"
        case .manifestRemoved: "manifest_deleted"
        case .tagSet: "tag_set"
        case .tagRemoved: "tag_deleted"
        case .blobPushed: "blob_pushed"
        case .blobMounted: "blob_mounted"
        case .blobRemoved: "blob_deleted"
        case .imageCompleted: "image_pushed"
        case .repositoryChanged: "repository_changed"
        case .repositoryRemoved: "repository_deleted"
        }
    }
}
