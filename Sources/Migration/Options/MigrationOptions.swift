package import Conversion

/// The options of a migration.
package struct MigrationOptions: Sendable {
    /// What is read back at the end.
    package enum Verification: String, Sendable, CaseIterable {
        /// What this run copied, recompressed or sent. A linked blob is the very file that was hashed.
        case auto
        /// Every blob of every tag.
        case full
        /// Nothing.
        case none
    }

    /// How many layers are read at once.
    package var jobs: Int
    /// Whether the operator guarantees that nothing else writes to the source.
    package var isSourceIdle: Bool
    /// The tags to migrate.
    package var selection = TagSelection()
    /// The names of repositories at the destination.
    package var naming = NameMapping()
    /// The manifest format of converted images.
    package var format = ImageFormat.schema2
    /// The most bytes to read from the source per second; nil for no limit.
    package var byteRateLimit: Int64?
    /// Whether the first tag that cannot be converted ends the run.
    package var failsFast = false
    /// What is read back at the end.
    package var verification = Verification.auto

    package init(jobs: Int, isSourceIdle: Bool) {
        self.jobs = jobs
        self.isSourceIdle = isSourceIdle
    }
}
