/// Verification.
extension Registry {
    /// Verifies everything that is stored.
    package var verifier: Verifier {
        Verifier(
            manifests.storage,
            tree: tree,
            blobs: blobs,
            indexes: manifests.indexes,
            bridge: bridge,
            events: events
        )
    }
}
