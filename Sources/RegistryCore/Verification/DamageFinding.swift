/// One damage that a verification found.
package struct DamageFinding: Codable, Hashable, Sendable {
    /// What is damaged.
    package enum Kind: String, Codable, CaseIterable, Sendable {
        /// The bytes of a blob do not have its digest.
        case damagedBlob = "damaged-blob"
        /// A manifest names a blob that is not stored.
        case missingBlob = "missing-blob"
        /// An index names a manifest that its repository does not have.
        case missingManifest = "missing-manifest"
        /// A link does not contain the digest in its path.
        case damagedLink = "damaged-link"
        /// A manifest names a stored blob that its repository does not link.
        case missingLink = "missing-link"
        /// A repository links a manifest that is not stored.
        case danglingLink = "dangling-link"
        /// A tag does not contain a digest or, in v1, an image id.
        case damagedTag = "damaged-tag"
        /// A tag points to a manifest or image that does not exist.
        case danglingTag = "dangling-tag"
        /// The signed form of a schema1 manifest does not belong to the manifest.
        case damagedSignature = "damaged-signature"
        /// A v1 image has no JSON, or one that is not its own.
        case damagedJSON = "damaged-json"
        /// The parent of a v1 image is not in the tree, or the image is its own ancestor.
        case missingParent = "missing-parent"
        /// The ancestry of a v1 image is missing or contradicts the images' JSON.
        case damagedAncestry = "damaged-ancestry"
        /// The layer of a v1 image does not have its checksum, or is not a layer.
        case damagedLayer = "damaged-layer"
        /// A v1 image has no layer.
        case missingLayer = "missing-layer"
        /// The checksum of a v1 image is malformed, or wrong for the layer that Longshore verified.
        case damagedChecksum = "damaged-checksum"
        /// The list of images of a v1 repository is not a list.
        case damagedList = "damaged-list"
        /// A record of Longshore is malformed.
        case damagedRecord = "damaged-record"
        /// A record of Longshore describes content that is different or gone.
        case staleRecord = "stale-record"
        /// An object cannot be read: nothing is known about its bytes.
        case unreadable
    }

    /// What is damaged.
    package let kind: Kind
    /// The key of the damaged or missing object.
    package let key: String
    /// What was found, in a clause: `its 5 bytes have the digest sha256:…`.
    package let detail: String
    /// The repositories that need the object, sorted.
    package var repositories: [String] = []
    /// The tags that need it, as `REPOSITORY:TAG`, sorted.
    package var tags: [String] = []
    /// What was done about it; nil if nothing was.
    package var repair: String?

    /// The damage in one line.
    package var line: String {
        let places = tags.isEmpty ? repositories : tags
        let names = places.prefix(3).joined(separator: ", ") + (places.count > 3 ? " and \(places.count - 3) more" : "")
        return "\(kind.rawValue): \(key): \(detail)" + (names.isEmpty ? "" : "; needed by \(names)")
            + (repair.map { "; \($0)" } ?? "")
    }
}
