import Conversion
import ImageModel
import NIOCore
import Storage

/// The signed bytes of the schema1 manifests of all repositories: as they were pushed, or as they were first signed here.
///
/// They stand beside the link of the revision, where registry:2 takes no notice of them; its blob is the payload.
struct Schema1Signatures: Sendable {
    let storage: any ObjectStorage
    let signer: ManifestSigner
    private let locks = KeyedLocks<ObjectKey>()

    init(storage: any ObjectStorage, signer: ManifestSigner) {
        self.storage = storage
        self.signer = signer
    }

    /// What is served of a manifest whose payload and digest these are; nil for a payload that cannot be signed.
    ///
    /// A directory that registry:2 wrote has no signed bytes, nor has a manifest that was pushed without signatures: they
    /// are made once and kept. Engines that take schema1 alone refuse it without.
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

    /// Adds what was pushed to a batch, if it has signatures, and commits that.
    func keeping(
        _ signed: SignedSchema1?,
        in name: RepositoryName,
        with batch: WriteBatch,
        _ commit: @Sendable (WriteBatch) async throws -> Void
    ) async throws {
        guard let signed, !signed.keyIDs.isEmpty else { return try await commit(batch) }
        let key = V2Layout.signedManifest(signed.digest, in: name)
        var batch = batch
        batch.put(ByteBuffer(bytes: signed.bytes), at: key)
        let whole = batch
        try await locks.withLock(key) { try await commit(whole) }
    }

    /// Whether these are the payload with signatures: a loss of power may have left something else.
    private static func isSigned(_ bytes: [UInt8], _ payload: [UInt8]) -> Bool {
        guard let signed = try? SignedSchema1(verifying: bytes) else { return false }
        return signed.payload == payload && !signed.keyIDs.isEmpty
    }
}
