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

    /// What is served of a manifest whose payload and digest these are.
    ///
    /// A directory that registry:2 wrote has no signed bytes: they are made once and kept.
    func bytes(of payload: [UInt8], _ digest: Digest, in name: RepositoryName) async throws -> [UInt8] {
        let key = V2Layout.signedManifest(digest, in: name)
        return try await locks.withLock(key) {
            if let kept = try await storage.read(key, limit: Manifests.signedByteLimit) { return Array(buffer: kept) }
            let signed = try await signer.sign(payload)
            try await storage.write(ByteBuffer(bytes: signed.bytes), to: key)
            return signed.bytes
        }
    }

    /// Keeps what was pushed. A payload alone, without signatures, does not replace what is kept.
    func keep(_ signed: SignedSchema1, in name: RepositoryName) async throws {
        let key = V2Layout.signedManifest(signed.digest, in: name)
        try await locks.withLock(key) {
            if signed.keyIDs.isEmpty, try await storage.attributes(of: key) != nil { return }
            try await storage.write(ByteBuffer(bytes: signed.bytes), to: key)
        }
    }
}
