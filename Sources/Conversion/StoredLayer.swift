package import ImageModel

/// A layer as a manifest names it, and the tar that is in it.
package struct StoredLayer: Sendable, Hashable {
    /// Media type, digest and size as they are to stand in the manifest.
    package let blob: Descriptor
    /// The digest of the layer's uncompressed tar.
    package let diffID: Digest

    /// Joins a blob with the digest of what it holds.
    package init(blob: Descriptor, diffID: Digest) {
        self.blob = blob
        self.diffID = diffID
    }
}
