package import ImageModel
package import NIOCore

/// A manifest as it is sent to clients.
package struct ServedManifest: Sendable {
    /// Its content address, by the algorithm that it was asked for or is tagged by.
    package let digest: Digest
    /// What it must be declared as.
    package let mediaType: MediaType
    /// Its bytes.
    package let content: ByteBuffer
    /// The repository that it was found in, which may be the alias of the one that was asked for.
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

    /// What the manifest names.
    func parsed() async -> Manifest {
        await HeavyWork.parsing(content.readableBytes) { Manifest(stored: Array(buffer: content)) }
    }
}
