/// The collections of this process, as shown to operators.
package struct CollectionStatus: Sendable {
    /// A finished collection.
    package struct Run: Sendable {
        /// When it ended.
        package let end: ContinuousClock.Instant
        /// What it removed.
        package let report: CollectionReport
    }

    /// Whether a collection or a dry run is running.
    package var isRunning = false
    /// The last collection that was no dry run; nil if there was none since the process started.
    package var last: Run?
    /// When the server will collect next; nil if it does not collect by itself.
    package var next: ContinuousClock.Instant?
}
