import Conversion
import ImageModel
import NIOCore
import Storage

/// The signed bytes of the schema1 manifests of all repositories: as pushed, or as first signed here.
///
/// They are stored beside the revision's link, where registry:2 ignores them; the blob is only the payload.
struct Schema1Signatures: Sendable {
    let storage: any ObjectStorage
    let signer: ManifestSigner
    private let locks = KeyedLocks<ObjectKey>()

    init(storage: any ObjectStorage, signer: ManifestSigner) {
        self.storage = storage
        self.signer = signer
    }

    /// The signed manifest for this payload and digest; nil if the payload cannot be signed.
    ///
    /// Directories written by registry:2 have no signed bytes, and neither have manifests pushed without signatures:
    /// they are signed once and kept. Engines that only accept schema1 reject unsigned manifests.
    func bytes(of payload: [UInt8], _ digest: Digest, in name: RepositoryName) async throws -> [UInt8]? {
        let key = V2Layout.signedManifest(digest, in: name)
        return try await locks.withLock(key) {
            if let kept = try await storage.read(key, limit: Manifests.signedByteLimit),
                Self.isSigned(Array(buffer: kept), payload)
            {
                return Array(buffer: kept)
            }
            do {
                let signed = try await signer.sign(payload)
                try await storage.write(ByteBuffer(bytes: signed.bytes), to: key)
                return signed.bytes
            } catch is UnverifiedManifest {
                return nil
            }
        }
    }

    /// Adds a pushed manifest to the batch if it is signed, and commits the batch.
    func keeping(
        _ signed: SignedSchema1,
        in name: RepositoryName,
        with batch: WriteBatch,
        _ commit: @Sendable (WriteBatch) async throws -> Void
    ) async throws {
        let key = V2Layout.signedManifest(signed.digest, in: name)
        var batch = batch
        batch.put(ByteBuffer(bytes: signed.bytes), at: key)
        let whole = batch
        try await locks.withLock(key) { try await commit(whole) }
    }

    /// Whether these bytes are the payload with signatures: a power loss may have left something else.
    private static func isSigned(_ bytes: [UInt8], _ payload: [UInt8]) -> Bool {
        guard let signed = try? SignedSchema1(verifying: bytes) else { return false }
        return signed.payload == payload && !signed.keyIDs.isEmpty
    }
}
