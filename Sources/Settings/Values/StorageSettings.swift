/// The image storage: `storage`.
package struct StorageSettings: Sendable {
    /// The removal of abandoned uploads: `maintenance.uploadpurging`.
    package struct UploadPurging: Sendable {
        /// How long an upload must have been idle.
        package var age: Duration
        /// The time between two searches.
        package var interval: Duration
        /// Whether abandoned uploads are only counted.
        package var isDryRun: Bool
    }

    /// Garbage collection: `maintenance.collection`.
    package struct Collection: Sendable {
        /// Whether the server collects while it runs.
        package var isEnabled: Bool
        /// The time between two collections.
        package var interval: Duration
        /// How long unneeded content is kept.
        package var grace: Duration
        /// The age at which untagged manifests are removed; nil to keep them.
        package var untaggedAge: Duration?
        /// The most objects to remove per second.
        package var objectLimit: Int
        /// The most MiB to free per second.
        package var megabyteLimit: Int
    }

    /// The verification of everything stored while the server runs: `maintenance.scrub`.
    package struct Scrub: Sendable {
        /// Whether the server verifies.
        package var isEnabled: Bool
        /// The most MiB to read per second.
        package var megabyteRate: Int
    }

    /// The root directory.
    package var root: String
    /// Whether clients may delete; nil if not set, in which case only v1 clients may.
    package var allowsDeletes: Bool?
    /// Whether the storage is read-only.
    package var isReadOnly: Bool
    /// Nil to keep uploads forever.
    package var uploadPurging: UploadPurging?
    /// Garbage collection.
    package var collection: Collection
    /// The verification of everything stored.
    package var scrub: Scrub

    init(_ reader: ValueReader) {
        root = reader.text("storage.filesystem.rootdirectory") ?? ""
        allowsDeletes = reader.text("storage.delete.enabled").flatMap(ValueKind.flag)
        isReadOnly = reader.flag("storage.maintenance.readonly.enabled")
        let collection = "storage.maintenance.collection"
        let isKept = reader.word("\(collection).untagged") == "keep"
        self.collection = Collection(
            isEnabled: reader.flag("\(collection).enabled"),
            interval: reader.duration("\(collection).interval"),
            grace: reader.duration("\(collection).grace"),
            untaggedAge: isKept ? nil : reader.duration("\(collection).untagged"),
            objectLimit: reader.number("\(collection).limit.objects"),
            megabyteLimit: reader.number("\(collection).limit.megabytes")
        )
        let scrub = "storage.maintenance.scrub"
        self.scrub = Scrub(isEnabled: reader.flag("\(scrub).enabled"), megabyteRate: reader.number("\(scrub).rate"))
        let purging = "storage.maintenance.uploadpurging"
        if reader.flag("\(purging).enabled") {
            uploadPurging = UploadPurging(
                age: reader.duration("\(purging).age"),
                interval: reader.duration("\(purging).interval"),
                isDryRun: reader.flag("\(purging).dryrun")
            )
        }
    }
}
