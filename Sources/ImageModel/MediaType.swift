/// A media type of a manifest, configuration or layer.
///
/// Any text is one; those with a meaning for the registry have a name here.
package struct MediaType: Hashable, Sendable, CustomStringConvertible {
    /// The type as it stands in a header or descriptor, without parameters.
    package let description: String

    /// Takes a type from a header or descriptor; parameters behind a `;` are cut off.
    package init(_ text: some StringProtocol) {
        let bare = Substring(text).utf8.prefix { $0 != UInt8(ascii: ";") }.drop(while: \.isBlank)
        let end = bare.lastIndex { !$0.isBlank }.map(bare.index(after:)) ?? bare.startIndex
        self.description = String(decoding: bare[..<end], as: UTF8.self)
    }
}

extension UInt8 {
    /// Whether it may stand around a value in a header (RFC 9110, section 5.6.3), or ends a line.
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
    /// Docker's layer, a tar compressed by gzip.
    package static let dockerLayerGzip = MediaType("application/vnd.docker.image.rootfs.diff.tar.gzip")
    /// Docker's layer, a tar without compression.
    ///
    /// Docker and containerd know it; the specification of schema2 names the one by gzip alone, and there are validators
    /// that go by that. A layer is never compressed for their sake: its bytes are what was pushed, and one file with the
    /// v1 image's. As OCI the same image has a type that all know.
    package static let dockerLayerTar = MediaType("application/vnd.docker.image.rootfs.diff.tar")
    /// Docker's layer that is fetched from elsewhere (Windows bases).
    package static let dockerForeignLayer = MediaType("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip")
    /// The prefix of OCI's layers that a registry need not hold.
    package static let ociNondistributablePrefix = "application/vnd.oci.image.layer.nondistributable."
    /// Bytes of no particular type: every blob's answer.
    package static let octetStream = MediaType("application/octet-stream")
    /// JSON of no particular type: every error's answer.
    package static let json = MediaType("application/json")

    /// Whether a layer of this type lives elsewhere, so that a manifest may name it without its blob being here.
    package var isForeignLayer: Bool {
        self == .dockerForeignLayer || description.hasPrefix(Self.ociNondistributablePrefix)
    }
}
