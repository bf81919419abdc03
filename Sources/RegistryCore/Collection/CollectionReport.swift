package import ImageModel

/// What a collection removed, or would remove.
package struct CollectionReport: Sendable, Equatable {
    /// Content that is free.
    package struct Tally: Sendable, Equatable {
        /// How many objects.
        package var count = 0
        /// How many bytes; those with several names count once.
        package var byteCount: Int64 = 0

        mutating func add(_ byteCount: Int64) {
            count += 1
            self.byteCount = self.byteCount.addingReportingOverflow(byteCount).partialValue
        }
    }

    /// Blobs and the bytes of manifests.
    package var blobs = Tally()
    /// The same by the repositories that had them; content of several counts in each.
    package var repositories: [String: Tally] = [:]
    /// Manifests that were taken out of repositories since no tag names them.
    package var untaggedManifestCount = 0
    /// Links of layers whose blobs are gone.
    package var layerLinkCount = 0
    /// Derived manifests and blobs whose sources are gone.
    package var derivationCount = 0
    /// Our own records of what is gone.
    package var recordCount = 0
    /// Uploads that nobody went on with.
    package var uploadCount = 0
    /// v1 images that no tag reaches.
    package var v1Images = Tally()
    /// Directories of repositories in which nothing was left.
    package var repositoryDirectoryCount = 0
    /// What a writer saved at the last moment.
    package var savedCount = 0
    /// How many manifests had to be read; the others were known.
    package var readManifestCount = 0
    /// How much is live.
    package var liveCount = 0

    package init() {}
}

/// Content that nothing needs, and why.
package struct FreeContent: Sendable, Equatable {
    /// Why content is free.
    package enum Reason: Sendable, Equatable {
        /// No repository has it.
        case unlinked
        /// Repositories have it as a layer, and no manifest names it.
        case unnamed
        /// It is a manifest without a tag.
        case untagged
    }

    /// What it is.
    package let digest: Digest
    /// How many bytes it takes; none where another name of them was counted.
    package let byteCount: Int64
    /// Why nothing needs it.
    package let reason: Reason
    /// The repositories that have it.
    package let repositories: [String]
}
