/// A media type of a manifest, configuration or layer.
///
/// Any text is valid; the types that mean something to the registry have names here.
package struct MediaType: Hashable, Sendable, CustomStringConvertible {
    /// The type as written in a header or descriptor, without parameters.
    package let description: String

    /// Takes a type from a header or descriptor, without any parameters after a `;`.
    package init(_ text: some StringProtocol) {
        let bare = Substring(text).utf8.prefix { $0 != UInt8(ascii: ";") }.drop(while: \.isBlank)
        let end = bare.lastIndex { !$0.isBlank }.map(bare.index(after:)) ?? bare.startIndex
        self.description = String(decoding: bare[..<end], as: UTF8.self)
    }
}

extension UInt8 {
    /// Whether it is white space that may surround a header value (RFC 9110, section 5.6.3), or a line ending.
    fileprivate var isBlank: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
}

extension MediaType {
    /// Docker's image manifest, version 2, schema 1, with its signatures.
    package static let schema1Signed = MediaType("application/vnd.docker.distribution.manifest.v1+prettyjws")
    /// Docker's image manifest, version 2, schema 1, without signatures.
    package static let schema1 = MediaType("application/vnd.docker.distribution.manifest.v1+json")
    /// Docker's image manifest, version 2, schema 2.
    package static let schema2 = MediaType("application/vnd.docker.distribution.manifest.v2+json")
    /// Docker's manifest list.
    package static let manifestList = MediaType("application/vnd.docker.distribution.manifest.list.v2+json")
    /// OCI's image manifest.
    package static let ociManifest = MediaType("application/vnd.oci.image.manifest.v1+json")
    /// OCI's image index.
    package static let ociIndex = MediaType("application/vnd.oci.image.index.v1+json")
    /// Docker's image configuration.
    package static let dockerConfiguration = MediaType("application/vnd.docker.container.image.v1+json")
    /// OCI's image configuration.
    package static let ociConfiguration = MediaType("application/vnd.oci.image.config.v1+json")
    /// Docker's layer, a gzip-compressed tar.
    package static let dockerLayerGzip = MediaType("application/vnd.docker.image.rootfs.diff.tar.gzip")
    /// Docker's layer, an uncompressed tar.
    ///
    /// Docker and containerd support it, but the specification of schema2 only names the gzip type, and some validators
    /// insist on that. Layers are not compressed for their sake: their bytes stay as pushed, in one file shared with
    /// the v1 image. In OCI format the same image has a type that all tools know.
    package static let dockerLayerTar = MediaType("application/vnd.docker.image.rootfs.diff.tar")
    /// Docker's foreign layer, fetched from elsewhere (Windows base images).
    package static let dockerForeignLayer = MediaType("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip")
    /// The prefix of OCI layers that a registry need not store.
    package static let ociNondistributablePrefix = "application/vnd.oci.image.layer.nondistributable."
    /// Arbitrary bytes: the type of every blob response.
    package static let octetStream = MediaType("application/octet-stream")
    /// JSON: the type of every error response.
    package static let json = MediaType("application/json")

    /// Whether a layer of this type is stored elsewhere, so that a manifest may reference it without its blob.
    package var isForeignLayer: Bool {
        self == .dockerForeignLayer || description.hasPrefix(Self.ociNondistributablePrefix)
    }
}
