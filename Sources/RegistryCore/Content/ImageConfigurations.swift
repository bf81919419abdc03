import Conversion
import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// Reads the configurations of images for conversion.
struct ImageConfigurations: Sendable {
    let blobs: Blobs

    /// The complete configuration of an image.
    ///
    /// - Throws: ``UnderivableManifest`` if it is not an image, or its configuration is missing, larger than any real
    ///   one, or damaged.
    func read(of manifest: Manifest) async throws -> [UInt8] {
        let digest = try manifest.imageConfiguration().digest
        let bytes: ByteBuffer?
        do {
            bytes = try await blobs.storage.readDocument(V2Layout.blobData(digest), limit: SmallFile.documentLimit)
        } catch StorageError.tooLarge(_, let byteCount, let limit) {
            let reason = "it has \(byteCount) bytes, more than the \(limit) allowed"
            throw UnderivableManifest.unusableConfiguration(digest, reason: reason)
        }
        guard let bytes else { throw UnderivableManifest.unusableConfiguration(digest, reason: "it is missing") }
        guard Digest(digest.algorithm, of: bytes.readableBytesView) == digest else {
            throw UnderivableManifest.unusableConfiguration(digest, reason: "its bytes do not match the digest")
        }
        return Array(buffer: bytes)
    }
}
