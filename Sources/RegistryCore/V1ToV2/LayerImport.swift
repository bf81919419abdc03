package import Storage
package import SystemLibraries

/// The result of importing a v1 layer as a blob.
package struct LayerImport: Sendable {
    /// How the blob got into place.
    package enum Placement: Equatable, Sendable {
        /// The blob and a record of the layer already existed: nothing was read.
        case known
        /// The layer was read; a blob with its bytes already existed.
        case shared
        /// The layer was read and stored as a new blob.
        case placed(LinkOutcome)
        /// The layer was read and recompressed as gzip, because no media type names its compression.
        case recompressed
    }

    /// The layer's current record.
    package let record: LayerRecord
    /// How its blob got into place.
    package let placement: Placement
    /// Irregularities that did not prevent the import.
    package let notices: [V1Notice]

    package init(record: LayerRecord, placement: Placement, notices: [V1Notice]) {
        self.record = record
        self.placement = placement
        self.notices = notices
    }
}

/// How layers of a tree are imported, given what the operator and the caller know about it.
package struct LayerImportPolicy: Sendable {
    /// Whether nothing else writes to the tree: its operator says so, or it is ours and locked.
    package var isSourceIdle: Bool
    /// Whether to accept an image with a leftover `_inprogress` if its layer matches the stored checksum.
    package var acceptsStaleInProgress: Bool

    /// Whether a later step knows what each layer must contain, and checks it.
    package var areLayersAttested = false

    /// Whether to write layer records next to the blobs, where a server of the same tree looks for them.
    package var keepsRecords = true

    /// The limits on the work for one layer if a server reads it for its clients; it then also waits for its turn. Nil
    /// when an operator runs the import.
    package var limits: LayerLimits?

    /// How long a file must have been unmodified before it may be linked, in nanoseconds: one hour.
    package static let settlingTime: Int64 = 3_600_000_000_000

    package init(isSourceIdle: Bool, acceptsStaleInProgress: Bool) {
        self.isSourceIdle = isSourceIdle
        self.acceptsStaleInProgress = acceptsStaleInProgress
    }

    /// Whether a layer may become a hard link, or must be copied because docker-registry may still write into it.
    package func linkPolicy(modified: Int64, isInProgress: Bool, now: Int64) -> LinkPolicy {
        if isInProgress { return .copy }
        return isSourceIdle || WallClock.age(of: modified, now: now) > Self.settlingTime ? .hardLink : .copy
    }
}
