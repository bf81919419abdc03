package import ImageModel
package import NIOCore
import Storage
import SystemLibraries

/// The uploads that go on, in every repository.
///
/// An upload is the file `_uploads/UUID/data`, which survives a restart; what this actor keeps is the hash of the
/// bytes so far, which is made again from the file when it is missing.
package actor Uploads {
    private let storage: any ObjectStorage
    private let blobs: Blobs
    private var sessions: [UploadID: UploadSession] = [:]

    init(storage: any ObjectStorage, blobs: Blobs) {
        self.storage = storage
        self.blobs = blobs
    }

    /// Begins an upload into a repository.
    package func begin(in name: RepositoryName) async throws -> UploadID {
        let id = UploadID()
        try await storage.append(to: V2Layout.uploadData(id, in: name)).close()
        let start = ByteBuffer(string: WallClock.timestamp)
        try await storage.write(start, to: V2Layout.uploadStart(id, in: name))
        sessions[id] = UploadSession(id: id, repository: name, storage: storage, hash: StreamingDigest(.sha256))
        return id
    }

    /// How many bytes an upload has.
    package func byteCount(of id: UploadID, in name: RepositoryName) async throws -> Int64 {
        try await session(id, in: name).byteCount
    }

    /// Appends a chunk and answers how many bytes the upload has then.
    ///
    /// What arrived before `chunk` fails is kept, so that the client can go on from there.
    /// - Parameter offset: Where the chunk says that it belongs; nil for a chunk that says nothing.
    /// - Throws: ``RegistryError/uploadOutOfOrder(byteCount:)`` when the upload does not end at `offset`;
    ///   ``RegistryError/uploadBusy(byteCount:)`` while another request appends to it.
    package func append<Chunk: AsyncSequence & Sendable>(
        _ chunk: Chunk,
        at offset: Int64?,
        expecting length: Int64? = nil,
        to id: UploadID,
        in name: RepositoryName
    ) async throws -> Int64 where Chunk.Element == ByteBuffer {
        let session = try await session(id, in: name)
        try await session.append(chunk, at: offset, expecting: length)
        return await session.byteCount
    }

    /// Ends an upload: its bytes become the blob `digest` of the repository.
    ///
    /// - Throws: ``RegistryError/digestMismatch(expected:actual:)``; the upload is gone then, as nothing can mend it.
    package func finish(_ id: UploadID, as digest: Digest, in name: RepositoryName) async throws {
        let session = try await session(id, in: name)
        let actual = try await session.finish(digest.algorithm)
        guard actual == digest else {
            try await discard(id, in: name)
            throw RegistryError.digestMismatch(expected: digest, actual: actual)
        }
        do {
            try await blobs.adopt(V2Layout.uploadData(id, in: name), as: digest)
            try await blobs.link(digest, into: name)
        } catch {
            await session.reopen()
            throw error
        }
        try await discard(id, in: name)
    }

    /// Throws an upload away.
    package func cancel(_ id: UploadID, in name: RepositoryName) async throws {
        try await session(id, in: name).close()
        try await discard(id, in: name)
    }

    /// Throws away what is left of an upload, if anything is.
    package func discardIfPresent(_ id: UploadID, in name: RepositoryName) async throws {
        try await discard(id, in: name)
    }

    private func discard(_ id: UploadID, in name: RepositoryName) async throws {
        sessions[id] = nil
        try await storage.removeAll(below: V2Layout.upload(id, in: name))
    }

    private func session(_ id: UploadID, in name: RepositoryName) async throws -> UploadSession {
        if let session = sessions[id] {
            guard session.repository == name else { throw RegistryError.uploadUnknown(id.description) }
            return session
        }
        guard try await storage.attributes(of: V2Layout.uploadStart(id, in: name)) != nil,
            let reader = try await storage.open(V2Layout.uploadData(id, in: name))
        else { throw RegistryError.uploadUnknown(id.description) }
        var hash = StreamingDigest(.sha256)
        try await hash.update(reading: reader)
        // Another request may have taken the upload up while this one was hashing.
        if let session = sessions[id] { return session }
        let session = UploadSession(id: id, repository: name, storage: storage, hash: hash)
        sessions[id] = session
        return session
    }
}
