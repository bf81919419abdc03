package import ImageModel

/// Collections.
extension Registry {
    /// Notes that a client was told that it need not push a blob: it is kept for as long as a push may take.
    package func noteUse(of blob: Digest) { guarded.uses.note([blob]) }
}
