/// The bytes that the content of a registry takes. A file with several names, such as a v1 layer that is also a v2 blob,
/// counts once.
package struct StorageUsage: Sendable, Equatable {
    /// The bytes of one repository.
    package struct Repository: Sendable, Equatable {
        /// Its v2 name, or its v1 name if v2 does not allow that.
        package let name: String
        /// The bytes that only this repository has: its deletion and a collection free them.
        package var ownByteCount: Int64 = 0
        /// The bytes that other repositories have too.
        package var sharedByteCount: Int64 = 0
    }

    /// A large blob or v1 layer.
    package struct Layer: Sendable, Equatable {
        /// Its digest, or the id of the v1 image if it has no digest yet.
        package let name: String
        /// Its size.
        package let byteCount: Int64
        /// The repositories that have it, in order.
        package let repositories: [String]
    }

    /// The repositories, ordered by name.
    package var repositories: [Repository] = []
    /// The largest blobs and v1 layers, the largest first.
    package var layers: [Layer] = []
    /// Content that one repository has.
    package var own = CollectionReport.Tally()
    /// Content that several repositories have, counted once.
    package var shared = CollectionReport.Tally()
    /// Blobs in no repository.
    package var unlinked = CollectionReport.Tally()
    /// The files of v1 images that no v1 tag reaches, except layers that are also blobs of a repository.
    package var untagged = CollectionReport.Tally()
    /// All other files: links, tags and records.
    package var records = CollectionReport.Tally()
    /// All files.
    package var total = CollectionReport.Tally()
}
