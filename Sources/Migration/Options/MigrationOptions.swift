package import Conversion

/// What the operator asks a migration for.
package struct MigrationOptions: Sendable {
    /// What is read back at the end.
    package enum Verification: String, Sendable, CaseIterable {
        /// What this run copied, recompressed or sent. What was linked is the very file that was hashed.
        case auto
        /// Every blob of every tag.
        case full
        /// Nothing.
        case none
    }

    /// How many layers are read at once.
    package var jobs: Int
    /// Whether the operator says that nothing else writes to the source.
    package var isSourceIdle: Bool
    /// Which tags are taken.
    package var selection = TagSelection()
    /// What repositories are called at the destination.
    package var naming = NameMapping()
    /// The kind of manifest that images are given.
    package var format = ImageFormat.schema2
    /// The most bytes that are read from the source in a second; nil when there is no limit.
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
