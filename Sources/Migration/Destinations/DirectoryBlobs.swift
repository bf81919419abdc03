import ImageModel
import RegistryCore
import Storage

/// The blobs of a registry's directory: layers of other trees become files of it, linked where that works.
struct DirectoryBlobs: BlobDestination {
    let blobs: Blobs
    let files: any FileStorage

    func byteCount(of digest: Digest) async throws -> Int64? { try await blobs.byteCount(of: digest) }

    func put(_ source: LinkSource, as blob: Descriptor, allowing policy: LinkPolicy) async throws -> LinkOutcome {
        try await files.link(source, to: V2Layout.blobData(blob.digest), allowing: policy)
    }

    func put(_ staged: any StagedObject, as blob: Descriptor) async throws { try await blobs.put(staged, as: blob) }

    func withdraw(_ digest: Digest) async throws { try await blobs.withdraw(digest) }

    func actualDigest(of digest: Digest, progress: @Sendable (Int) async throws -> Void) async throws -> Digest? {
        try await blobs.actualDigest(of: digest, progress: progress)
    }
}
