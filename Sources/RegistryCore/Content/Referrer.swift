package import ImageModel

/// A manifest that refers to a subject, for the list of referrers.
///
/// OCI Distribution Specification 1.1, "Listing Referrers".
package struct Referrer: Hashable, Sendable {
    /// The manifest's type, digest and size.
    package let descriptor: Descriptor
    /// The artifact type: its own, or else its configuration's media type; nil for an index without one.
    package let artifactType: String?
    /// The manifest's annotations.
    let annotations: Annotations

    /// The annotations of a manifest, as a JSON object.
    enum Annotations: Hashable, Sendable {
        case none
        case known([UInt8])
        /// They are large, and are read again when needed.
        case large
    }

    /// The maximum size of annotations kept in memory.
    private static let keptByteCount = 2 << 10

    init(_ manifest: Manifest, digest: Digest) {
        descriptor = Descriptor(mediaType: manifest.mediaType, digest: digest, size: Int64(manifest.bytes.count))
        artifactType = manifest.referrerArtifactType
        let json = manifest.annotationsJSON
        annotations = json.map { $0.count <= Self.keptByteCount ? .known($0) : .large } ?? .none
    }
}
