import Conversion
import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// The configurations of images, as other forms of them need them.
struct ImageConfigurations: Sendable {
    let blobs: Blobs

    /// The configuration of an image, whole.
    ///
    /// - Throws: ``UnderivableManifest`` for what is no image, and for a configuration that is not here, is larger than any
    ///   real one, or was damaged on disk.
    func read(of manifest: Manifest) async throws -> [UInt8] {
        let digest = try manifest.imageConfiguration().digest
        let bytes: ByteBuffer?
        do {
            bytes = try await blobs.storage.readDocument(V2Layout.blobData(digest), limit: SmallFile.documentLimit)
        } catch StorageError.tooLarge(_, let byteCount, let limit) {
            let reason = "it has \(byteCount) bytes, more than the \(limit) allowed"
            throw UnderivableManifest.unusableConfiguration(digest, reason: reason)
        }
        guard let bytes else { throw UnderivableManifest.unusableConfiguration(digest, reason: "it is not here") }
        guard Digest(digest.algorithm, of: bytes.readableBytesView) == digest else {
            throw UnderivableManifest.unusableConfiguration(digest, reason: "its bytes do not have this digest")
        }
        return Array(buffer: bytes)
    }
}
