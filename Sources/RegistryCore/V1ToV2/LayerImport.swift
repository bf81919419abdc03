package import Storage
package import SystemLibraries

/// How a layer of a v1 tree became a blob.
package struct LayerImport: Sendable {
    /// How the blob came to be there.
    package enum Placement: Equatable, Sendable {
        /// It was there, and so was a record of the layer: nothing was read.
        case known
        /// The layer was read, and a blob with its bytes was there.
        case shared
        /// The layer was read and put there.
        case placed(LinkOutcome)
        /// The layer was read and recompressed to gzip, since no media type names its compression.
        case recompressed
    }

    /// What is known of the layer now.
    package let record: LayerRecord
    /// How it got where it is.
    package let placement: Placement
    /// What was out of order and did no harm.
    package let notices: [V1Notice]

    package init(record: LayerRecord, placement: Placement, notices: [V1Notice]) {
        self.record = record
        self.placement = placement
        self.notices = notices
    }
}

/// What the operator and the caller know of the tree that layers are taken from.
package struct LayerImportPolicy: Sendable {
    /// Whether nothing else writes to the tree: its operator says so, or it is our own and locked.
    package var isSourceIdle: Bool
    /// Whether an image whose `_inprogress` was left behind may be taken when its layer has the stored checksum.
    package var acceptsStaleInProgress: Bool

    /// Whether something that is looked at later says what each layer must hold.
    package var areLayersAttested = false

    /// Whether what is known of a layer is noted beside the blobs, where a server that has the tree looks for it.
    package var keepsRecords = true

    /// How much work one layer may be, where a server reads it for its clients: it then waits for its turn too. Nil for what
    /// an operator runs.
    package var limits: LayerLimits?

    /// How long a file must have been left alone before it may be linked, in nanoseconds: an hour.
    package static let settlingTime: Int64 = 3_600_000_000_000

    package init(isSourceIdle: Bool, acceptsStaleInProgress: Bool) {
        self.isSourceIdle = isSourceIdle
        self.acceptsStaleInProgress = acceptsStaleInProgress
    }

    /// Whether a layer may become a hard link, or must be copied because docker-registry may yet write into it.
    package func linkPolicy(modified: Int64, isInProgress: Bool, now: Int64) -> LinkPolicy {
        if isInProgress { return .copy }
        return isSourceIdle || WallClock.age(of: modified, now: now) > Self.settlingTime ? .hardLink : .copy
    }
}
