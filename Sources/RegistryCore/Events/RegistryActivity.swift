/// Work that the registry did which is not a change of content: for metrics and the audit log.
package enum RegistryActivity: Sendable {
    /// The removal of content that nothing needs.
    package struct Collection: Sendable {
        /// Whether it only counted.
        package var isDryRun: Bool
        /// Whether it ran to its end.
        package var isComplete: Bool
        /// The number of blobs removed, manifests included.
        package var blobCount = 0
        /// Their total size in bytes.
        package var byteCount: Int64 = 0
        /// The number of untagged manifests removed from repositories.
        package var manifestCount = 0
        /// The number of v1 images removed.
        package var v1ImageCount = 0
        /// The number of abandoned uploads removed.
        package var uploadCount = 0
        /// How long it took.
        package var duration: Duration
    }

    /// The verification of everything stored.
    package struct Verification: Sendable {
        /// Whether it ran to its end.
        package var isComplete: Bool
        /// The number of blobs verified.
        package var blobCount = 0
        /// The number of v1 layers verified.
        package var layerCount = 0
        /// The number of bytes read.
        package var byteCount: Int64 = 0
        /// The number of damaged objects found.
        package var damageCount = 0
        /// How long it took.
        package var duration: Duration
    }

    /// A v1 image was converted to a v2 manifest.
    case conversion
    /// A v1 image could not be converted: it is damaged.
    case failedConversion
    /// A manifest was converted to another form, or could not be: `schema1`, `schema2`, `oci`, `list` or `index`.
    case derivation(form: String, succeeded: Bool)
    /// A collection ended.
    case collection(Collection, by: EventActor)
    /// A verification ended.
    case verification(Verification)
}

extension RegistryActivity {
    /// Runs a piece of work, and publishes what it came to whether or not it succeeds.
    ///
    /// - Parameter activity: Describes the work by its result (nil if it failed) and its duration.
    static func observing<Value: Sendable>(
        _ events: RegistryEvents,
        isolation: isolated (any Actor)? = #isolation,
        _ work: () async throws -> Value,
        as activity: (Value?, Duration) -> RegistryActivity
    ) async throws -> Value {
        let start = ContinuousClock.now
        do {
            let value = try await work()
            events.publish(activity(value, start.duration(to: .now)))
            return value
        } catch {
            events.publish(activity(nil, start.duration(to: .now)))
            throw error
        }
    }
}
