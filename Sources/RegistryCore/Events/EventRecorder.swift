package import ImageModel
package import Storage

/// Keeps records of changes until the receivers of notifications have them.
///
/// A record is written by the commit that makes the change, as the last of its changes. A commit that fails may have
/// applied its first changes, so there is no record of a change that was not made; and a commit that succeeds has
/// written it, so a change that was acknowledged has its record, whatever happens to the process.
package protocol EventRecorder: Sendable {
    /// Adds the records of changes to the end of the batch that makes them.
    ///
    /// - Returns: What to call when the batch is committed; nil if there is nothing to record.
    func record(_ events: [RegistryEvent], in batch: inout WriteBatch) -> (@Sendable () -> Void)?

    /// Takes note of a pull. It must return quickly: a request waits for it.
    func note(_ pull: RegistryPull)
}

/// Content that a client was served.
package struct RegistryPull: Sendable {
    /// What was served.
    package enum Content: Sendable {
        /// A manifest, and the tag it was requested by.
        case manifest(ManifestSummary, tag: String?)
        /// A blob, or the layer of a v1 image that is one.
        case blob(Digest, byteCount: Int64)
    }

    /// What was served.
    package let content: Content
    /// The repository, as spelled in the request.
    package let repository: RepositoryName
    /// The client.
    package let actor: EventActor

    package init(_ content: Content, in repository: RepositoryName, by actor: EventActor) {
        self.content = content
        self.repository = repository
        self.actor = actor
    }
}
