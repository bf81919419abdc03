package import ImageModel

/// The result of a collection: the content it removed or, in a dry run, would remove.
package struct CollectionReport: Sendable, Equatable {
    /// A number of objects and their size.
    package struct Tally: Sendable, Equatable {
        /// The number of objects.
        package var count = 0
        /// Their total size in bytes; a file with several names counts once.
        package var byteCount: Int64 = 0

        mutating func add(_ byteCount: Int64) {
            count += 1
            self.byteCount = self.byteCount.addingReportingOverflow(byteCount).partialValue
        }

        mutating func add(_ other: Tally) {
            count += other.count
            byteCount = byteCount.addingReportingOverflow(other.byteCount).partialValue
        }
    }

    /// Blobs, including the bytes of manifests.
    package var blobs = Tally()
    /// The same by repository; content of several repositories counts in each.
    package var repositories: [String: Tally] = [:]
    /// Untagged manifests removed from repositories.
    package var untaggedManifestCount = 0
    /// Links to layers whose blobs are gone.
    package var layerLinkCount = 0
    /// Derived manifests and blobs whose sources are gone.
    package var derivationCount = 0
    /// Our own records of content that is gone.
    package var recordCount = 0
    /// Abandoned uploads.
    package var uploadCount = 0
    /// v1 images that no tag reaches.
    package var v1Images = Tally()
    /// Empty repository directories.
    package var repositoryDirectoryCount = 0
    /// Condemned content that a writer saved at the last moment.
    package var savedCount = 0
    /// Manifests that were read; the references of all others were already known.
    package var readManifestCount = 0
    /// The number of live digests.
    package var liveCount = 0

    package init() {}
}

/// Content that nothing needs, and why.
package struct FreeContent: Sendable, Equatable {
    /// Why content is free.
    package enum Reason: Sendable, Equatable {
        /// No repository links it.
        case unlinked
        /// Repositories link it as a layer, but no manifest names it.
        case unnamed
        /// It is an untagged manifest.
        case untagged
    }

    /// The digest of the content.
    package let digest: Digest
    /// Its size in bytes; 0 if the same file was already counted under another name.
    package let byteCount: Int64
    /// Why nothing needs it.
    package let reason: Reason
    /// The repositories that have it.
    package let repositories: [String]
}
