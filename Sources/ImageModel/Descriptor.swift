/// What a manifest says of a blob or of another manifest: type, digest and size.
///
/// OCI Image Specification 1.1, "Descriptor"; Docker's schema2 has the same properties.
package struct Descriptor: Hashable, Sendable {
    /// The type of what is described; empty where a manifest does not say.
    package let mediaType: MediaType
    /// Its content address.
    package let digest: Digest
    /// Its size in bytes, as a manifest has it: 0 where it says nothing, and otherwise whatever it says.
    package let size: Int64
    /// Where else it can be fetched: of layers that a registry need not hold. Empty if nothing is said.
    package let urls: [String]

    /// Describes `size` bytes of `mediaType` whose content address is `digest`.
    package init(mediaType: MediaType, digest: Digest, size: Int64, urls: [String] = []) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.urls = urls
    }
}
