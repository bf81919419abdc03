package import ImageModel
package import NIOCore

/// A manifest as sent to clients.
package struct ServedManifest: Sendable {
    /// Its content address, with the algorithm used in the request or by the tag.
    package let digest: Digest
    /// The media type to declare.
    package let mediaType: MediaType
    /// Its bytes.
    package let content: ByteBuffer
    /// The repository it was found in, which may be an alias of the requested one.
    let repository: RepositoryName

    init(_ manifest: Manifest, digest: Digest, in repository: RepositoryName) {
        self.init(manifest.bytes, mediaType: manifest.mediaType, digest: digest, in: repository)
    }

    init(_ bytes: [UInt8], mediaType: MediaType, digest: Digest, in repository: RepositoryName) {
        self.repository = repository
        self.digest = digest
        self.mediaType = mediaType
        self.content = ByteBuffer(bytes: bytes)
    }

    /// The parsed manifest.
    func parsed() async -> Manifest {
        await HeavyWork.parsing(content.readableBytes) { Manifest(stored: Array(buffer: content)) }
    }
}
