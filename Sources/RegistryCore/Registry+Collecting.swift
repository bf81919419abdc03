package import ImageModel

/// Garbage collection.
extension Registry {
    /// Whether uses of blobs are recorded, because a collection is expected.
    package var recordsUses: Bool { guarded.uses.isKept }

    /// Records that a client was told it need not push a blob: the blob is kept for as long as a push may take.
    package func noteUse(of blob: Digest) { guarded.uses.note([blob]) }
}
