package import ImageModel

/// A manifest that is about another one, as the list of referrers names it.
///
/// OCI Distribution Specification 1.1, "Listing Referrers".
package struct Referrer: Hashable, Sendable {
    /// The manifest's type, digest and size.
    package let descriptor: Descriptor
    /// What kind of artifact it is: its own type, else its configuration's; nil for an index that does not say.
    package let artifactType: String?
    /// The manifest's annotations.
    package let annotations: [String: String]

    init(_ manifest: Manifest, digest: Digest) {
        descriptor = Descriptor(mediaType: manifest.mediaType, digest: digest, size: Int64(manifest.bytes.count))
        artifactType = manifest.referrerArtifactType
        annotations = manifest.annotations
    }
}
