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

    /// The root directory.
    package var root: String
    /// Whether clients may delete; nil if not set, in which case only v1 clients may.
    package var allowsDeletes: Bool?
    /// Whether the storage is read-only.
    package var isReadOnly: Bool
    /// Nil to keep uploads forever.
    package var uploadPurging: UploadPurging?

    init(_ reader: ValueReader) {
        root = reader.text("storage.filesystem.rootdirectory") ?? ""
        allowsDeletes = reader.text("storage.delete.enabled").flatMap(ValueKind.flag)
        isReadOnly = reader.flag("storage.maintenance.readonly.enabled")
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
