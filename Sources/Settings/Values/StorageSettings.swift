/// Where images are, and what may be done to them: `storage`.
package struct StorageSettings: Sendable {
    /// What happens to uploads that nobody goes on with: `maintenance.uploadpurging`.
    package struct UploadPurging: Sendable {
        /// How long nobody has gone on with them.
        package var age: Duration
        /// How often they are looked for.
        package var interval: Duration
        /// Whether they are counted and left where they are.
        package var isDryRun: Bool
    }

    /// The directory that holds them.
    package var root: String
    /// Whether clients may delete; nil where nothing is said, and then only those of v1 may.
    package var allowsDeletes: Bool?
    /// Whether nothing may be written.
    package var isReadOnly: Bool
    /// Nil to keep uploads for ever.
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
