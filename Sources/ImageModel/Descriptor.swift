/// A reference to a blob or manifest: type, digest and size.
///
/// OCI Image Specification 1.1, "Descriptor"; Docker's schema2 has the same properties.
package struct Descriptor: Hashable, Sendable {
    /// The media type of the content; empty if the manifest does not give one.
    package let mediaType: MediaType
    /// Its content address.
    package let digest: Digest
    /// The size in bytes as given by the manifest, which may be wrong; 0 if absent.
    package let size: Int64
    /// Other places to fetch it from, for layers that a registry need not store. Empty if not given.
    package let urls: [String]

    /// Describes `size` bytes of `mediaType` with the content address `digest`.
    package init(mediaType: MediaType, digest: Digest, size: Int64, urls: [String] = []) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.urls = urls
    }
}

/// An entry of an index or a manifest list.
package struct PlatformDescriptor: Hashable, Sendable {
    /// The manifest's type, digest and size.
    package let descriptor: Descriptor
    /// The platform of the image, if given.
    package let platform: Platform?
    /// The platform as written: Windows uses more fields than ``Platform`` has. Nil if not given.
    package let platformJSON: [UInt8]?
    /// The artifact type, if given.
    package let artifactType: String?
    /// Whether an annotation marks it as referring to another manifest, as in BuildKit's attestations.
    package let isReference: Bool
}

/// The platform an image requires: OCI Image Specification 1.1, "Image Index", `platform`.
package struct Platform: Hashable, Sendable, CustomStringConvertible {
    /// The CPU architecture, by its Go name: `amd64`.
    package let architecture: String
    /// The operating system, by its Go name: `linux`.
    package let os: String
    /// The CPU variant: `v8`; nil if not given.
    package let variant: String?

    /// Creates a platform.
    package init(os: String, architecture: String, variant: String? = nil) {
        self.architecture = architecture
        self.os = os
        self.variant = variant
    }

    package var description: String { [os, architecture, variant].compactMap(\.self).joined(separator: "/") }
}
