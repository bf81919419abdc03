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

/// A manifest that an index or a manifest list names, and what it is for.
package struct PlatformDescriptor: Hashable, Sendable {
    /// The manifest's type, digest and size.
    package let descriptor: Descriptor
    /// The platform that it runs on, if that is said.
    package let platform: Platform?
    /// The platform as it is written: Windows says more of it than is known here. Nil if nothing is said.
    package let platformJSON: [UInt8]?
    /// What kind of artifact it is, if that is said.
    package let artifactType: String?
    /// Whether an annotation says that it is about another manifest, as BuildKit's attestations are.
    package let isReference: Bool
}

/// What a program must run on: OCI Image Specification 1.1, "Image Index", `platform`.
package struct Platform: Hashable, Sendable, CustomStringConvertible {
    /// The processor, as Go names it: `amd64`.
    package let architecture: String
    /// The system, as Go names it: `linux`.
    package let os: String
    /// The processor's variant: `v8`; nil if it is not said.
    package let variant: String?

    /// Names a platform.
    package init(os: String, architecture: String, variant: String? = nil) {
        self.architecture = architecture
        self.os = os
        self.variant = variant
    }

    package var description: String { [os, architecture, variant].compactMap(\.self).joined(separator: "/") }
}
