package import ImageModel
package import NIOCore
import Storage
import SystemLibraries

/// The uploads in progress, in every repository.
///
/// An upload is the file `_uploads/UUID/data`, which survives a restart; what this actor keeps is the hash of the
/// bytes so far. It is saved under `longshore/uploads/UUID` after chunks of some size, and made again from the file as
/// far as that is missing.
package actor Uploads {
    let storage: any ObjectStorage
    private let blobs: Blobs
    private var sessions: [UploadID: UploadSession] = [:]
    /// When requests used them last.
    private var uses: LimitedUses<UploadID>
    /// How many are being begun.
    private var beginningCount = 0

    /// - Parameter limit: The most uploads at once: each takes files, whether or not a byte is sent.
    init(storage: any ObjectStorage, blobs: Blobs, limit: Int) {
        self.storage = storage
        self.blobs = blobs
        self.uses = LimitedUses(limit: limit)
    }

    /// Begins an upload into a repository.
    ///
    /// - Parameter algorithm: By which the client will name the blob; another one costs a second reading at the end.
    /// - Throws: ``RegistryError/unavailable(reason:)`` when there are too many uploads that somebody may be at work on.
    package func begin(in name: RepositoryName, hashing algorithm: Digest.Algorithm = .sha256) async throws -> UploadID
    {
        try await makeRoom()
        beginningCount += 1
        defer { beginningCount -= 1 }
        let id = UploadID()
        var batch = WriteBatch()
        batch.put(ByteBuffer(), at: V2Layout.uploadData(id, in: name), as: .cache)
        batch.put(ByteBuffer(string: WallClock.timestamp), at: V2Layout.uploadStart(id, in: name), as: .cache)
        try await storage.commit(batch)
        let session = UploadSession(id: id, repository: name, storage: storage, hash: UploadHash(algorithm))
        if algorithm != .sha256 { try await session.saveHash() }
        keep(session)
        return id
    }

    /// Throws the upload away that nobody has used for the longest time, where there is no room for another.
    private func makeRoom() async throws {
        guard let id = try uses.displaced(beside: beginningCount, "uploads") else { return }
        guard let session = sessions[id] else { return uses.remove(id) }
        try await discard(id, in: session.repository)
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
    ///   ``RegistryError/uploadBusy(byteCount:)`` while another request appends to it;
    ///   ``RegistryError/uploadUnknown(_:)`` also when another process took away bytes of it.
    package func append<Chunk: AsyncSequence & Sendable>(
        _ chunk: Chunk,
        at offset: Int64?,
        expecting length: Int64? = nil,
        to id: UploadID,
        in name: RepositoryName
    ) async throws -> Int64 where Chunk.Element == ByteBuffer {
        let session = try await session(id, in: name)
        try await discardingWhatIsUnknown(id, in: name) {
            try await session.append(chunk, at: offset, expecting: length)
        }
        return await session.byteCount
    }

    /// Says by which algorithm the client will name the blob, as far as it is not known yet.
    package func prepare(_ id: UploadID, in name: RepositoryName, for algorithm: Digest.Algorithm) async throws {
        try await session(id, in: name).prepare(for: algorithm)
    }

    /// Ends an upload: its bytes become the blob `digest` of the repository.
    ///
    /// - Throws: ``RegistryError/digestMismatch(expected:actual:)``; the upload is gone then, as nothing can mend it.
    package func finish(_ id: UploadID, as digest: Digest, in name: RepositoryName) async throws {
        let session = try await session(id, in: name)
        let actual = try await discardingWhatIsUnknown(id, in: name) { try await session.finish(digest.algorithm) }
        guard actual.digest == digest else {
            try await discard(id, in: name)
            throw RegistryError.digestMismatch(expected: digest, actual: actual.digest)
        }
        do {
            try await blobs.adopt(
                V2Layout.uploadData(id, in: name),
                await session.byteCount,
                as: digest,
                storedAs: actual.stored,
                in: name,
                discarding: [OwnLayout.uploadHash(id), V2Layout.upload(id, in: name)]
            )
        } catch {
            await session.reopen()
            throw error
        }
        sessions[id] = nil
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

    /// Throws the upload away when `work` finds that its file is not what was sent: nothing can mend it.
    private func discardingWhatIsUnknown<Value: Sendable>(
        _ id: UploadID,
        in name: RepositoryName,
        _ work: () async throws -> Value
    ) async throws -> Value {
        do { return try await work() } catch RegistryError.uploadUnknown {
            try await discard(id, in: name)
            throw RegistryError.uploadUnknown(id.description)
        }
    }

    private func discard(_ id: UploadID, in name: RepositoryName) async throws {
        sessions[id] = nil
        uses.remove(id)
        try await storage.remove(OwnLayout.uploadHash(id))
        try await storage.removeAll(below: V2Layout.upload(id, in: name))
    }

    private func session(_ id: UploadID, in name: RepositoryName) async throws -> UploadSession {
        if let session = sessions[id] {
            guard session.repository == name else { throw RegistryError.uploadUnknown(id.description) }
            uses.note(id)
            return session
        }
        guard try await storage.attributes(of: V2Layout.uploadStart(id, in: name)) != nil,
            let reader = try await storage.open(V2Layout.uploadData(id, in: name))
        else { throw RegistryError.uploadUnknown(id.description) }
        let hash = try await hash(of: reader, id)
        // Another request may have taken the upload up while this one was hashing.
        if let session = sessions[id] { return session }
        let session = UploadSession(id: id, repository: name, storage: storage, hash: hash)
        keep(session)
        return session
    }

    private func keep(_ session: UploadSession) {
        sessions[session.id] = session
        uses.note(session.id)
    }

    /// The hash of what an upload has: as it was saved, and the bytes that came after that.
    private func hash(of reader: any ObjectReader, _ id: UploadID) async throws -> UploadHash {
        let saved = try await storage.readNote(OwnLayout.uploadHash(id), limit: 1 << 10)
        var hash = saved.flatMap { UploadHash(restoring: Array(buffer: $0)) } ?? UploadHash(.sha256)
        if hash.byteCount > reader.attributes.byteCount { hash = UploadHash(.sha256) }
        try await reader.forEachChunk(from: hash.byteCount) { await hash.take($0) }
        return hash
    }
}
