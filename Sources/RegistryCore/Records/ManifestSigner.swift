import Conversion
import Foundation
import NIOCore
import Storage
import SystemLibraries

/// Signs the schema1 manifests that this registry generates, with its own key.
actor ManifestSigner {
    private let storage: any ObjectStorage
    private let isReadOnly: Bool
    private var key: Task<P256PrivateKey, any Error>?

    init(storage: any ObjectStorage, isReadOnly: Bool) {
        self.storage = storage
        self.isReadOnly = isReadOnly
    }

    /// Signs a payload. Every signature is different.
    func sign(_ payload: [UInt8]) async throws -> SignedSchema1 {
        let key = try await loadedKey()
        return try SignedSchema1(signing: payload, by: key, at: Date.now.formatted(.iso8601))
    }

    /// Loads the key, or creates it once for a new directory.
    func prepare() async throws { _ = try await loadedKey() }

    /// A secret for one purpose, derived from the key: only someone with the key file can compute it.
    func secret(for purpose: String) async throws -> [UInt8] {
        MessageAuthentication(key: try await loadedKey().pem()).code(for: Array(purpose.utf8))
    }

    private func loadedKey() async throws -> P256PrivateKey {
        let task = key ?? Task { [storage, isReadOnly] in try await Self.load(from: storage, isReadOnly: isReadOnly) }
        key = task
        do {
            return try await task.value
        } catch {
            key = nil
            throw error
        }
    }

    private static func load(from storage: any ObjectStorage, isReadOnly: Bool) async throws -> P256PrivateKey {
        do {
            if let key = try await stored(in: storage) { return key }
        } catch StorageError.unreadable where isReadOnly {
            // An unreadable key belongs to another user with write access. Clients accept any key named in the
            // manifest.
            return try P256PrivateKey()
        }
        let key = try P256PrivateKey()
        var batch = WriteBatch()
        batch.put(ByteBuffer(bytes: try key.pem()), at: OwnLayout.signingKey, if: .absent, as: .secret)
        do {
            try await storage.commit(batch)
            return key
        } catch StorageError.changed(let place) {
            // Another process created it first: all must sign with the same key.
            guard let key = try await stored(in: storage) else { throw StorageError.changed(place) }
            return key
        }
    }

    private static func stored(in storage: any ObjectStorage) async throws -> P256PrivateKey? {
        guard let pem = try await storage.read(OwnLayout.signingKey, limit: 64 << 10) else { return nil }
        do { return try P256PrivateKey(pem: Array(buffer: pem)) } catch {
            throw StorageError.unreadable(OwnLayout.signingKey, reason: error.description)
        }
    }
}
