package import ImageModel
package import NIOCore
import Storage
import SystemLibraries

/// The uploads in progress in all repositories.
///
/// Once bytes are acknowledged, an upload is the file `_uploads/UUID/data`, which survives a restart; this actor keeps
/// the hash of the bytes so far. It is saved under `longshore/uploads/UUID` after larger chunks, and any missing part
/// is computed again from the file. Before the first bytes an upload only exists in its location, which the client has
/// (``UploadState``).
package actor Uploads {
    let storage: any ObjectStorage
    private let blobs: Blobs
    private let events: RegistryEvents
    private let locks: RepositoryLocks
    let signer: ManifestSigner
    private(set) var sessions: [UploadID: UploadSession] = [:]
    /// When requests last used them.
    private var uses: LimitedUses<UploadID>
    /// The number of uploads just being begun.
    private var beginningCount = 0
    /// When this process started, in nanoseconds since 1970: an unknown upload begun later has ended.
    let start = WallClock.now
    /// Uploads of earlier processes that have ended in this one.
    private(set) var ended: Set<UploadID> = []
    var states: UploadState?

    /// - Parameter limit: The maximum number of uploads: each takes memory, even before the first byte.
    init(
        storage: any ObjectStorage,
        blobs: Blobs,
        signer: ManifestSigner,
        limit: Int,
        events: RegistryEvents,
        locks: RepositoryLocks
    ) {
        self.events = events
        self.locks = locks
        self.storage = storage
        self.blobs = blobs
        self.signer = signer
        self.uses = LimitedUses(limit: limit)
    }

    /// Begins an upload into a repository.
    ///
    /// - Parameter algorithm: The digest algorithm the client will use; another one costs a second read at the end.
    /// - Throws: ``RegistryError/unavailable(reason:)`` if there are too many uploads that may still be in use.
    package func begin(in name: RepositoryName, hashing algorithm: Digest.Algorithm = .sha256)
        async throws(RegistryError) -> UploadID
    {
        try await RegistryError.translating {
            let id = UploadID()
            try await begin(id, in: name, at: WallClock.now, hashing: algorithm)
            return id
        }
    }

    /// Begins an upload with a given id and start time.
    func begin(
        _ id: UploadID,
        in name: RepositoryName,
        at begun: Int64,
        hashing algorithm: Digest.Algorithm = .sha256
    ) async throws {
        try await makeRoom()
        beginningCount += 1
        defer { beginningCount -= 1 }
        let note = [V2Layout.uploadStart(id, in: name): ByteBuffer(string: WallClock.timestamp)]
        let staged = try await storage.stage(.resumable(Self.token(id, in: name), notes: note))
        guard sessions[id] == nil else { return }
        keep(
            UploadSession(
                id: id,
                repository: name,
                staged: staged,
                begun: begun,
                isStored: false,
                hash: UploadHash(algorithm)
            )
        )
    }

    /// Discards the least recently used upload if there is no room for another.
    private func makeRoom() async throws {
        guard let id = try uses.displaced(beside: beginningCount, "uploads") else { return }
        guard let session = sessions[id] else { return uses.remove(id) }
        try await discard(id, in: session.repository)
    }

    /// The number of bytes an upload has.
    package func byteCount(of id: UploadID, in name: RepositoryName) async throws(RegistryError) -> Int64 {
        try await RegistryError.translating {
            try await session(id, in: name).byteCount
        }
    }

    /// Appends a chunk, and returns the upload's new size. The bytes survive the process.
    ///
    /// If `chunk` fails, the bytes that arrived are kept, so that the client can continue from there.
    /// - Parameter offset: The offset given by the chunk; nil if it gives none.
    /// - Throws: ``RegistryError/uploadOutOfOrder(byteCount:)`` if the upload does not end at `offset`;
    ///   ``RegistryError/uploadBusy(byteCount:)`` while another request appends to it;
    ///   ``RegistryError/uploadUnknown(_:)`` also if another process removed some of its bytes.
    package func append<Chunk: AsyncSequence & Sendable>(
        _ chunk: Chunk,
        at offset: Int64?,
        expecting length: Int64? = nil,
        to id: UploadID,
        in name: RepositoryName
    ) async throws(RegistryError) -> Int64 where Chunk.Element == ByteBuffer {
        try await RegistryError.translating {
            let session = try await session(id, in: name)
            try await discardingWhatIsUnknown(session) {
                try await session.append(chunk, at: offset, expecting: length, isLast: false)
            }
            return await session.byteCount
        }
    }

    /// Appends the last chunk like ``append(_:at:expecting:to:in:)``, and ends the upload like ``finish(_:as:in:)``.
    package func finish<Chunk: AsyncSequence & Sendable>(
        _ id: UploadID,
        as digest: Digest,
        in name: RepositoryName,
        appending chunk: Chunk,
        at offset: Int64?,
        expecting length: Int64? = nil
    ) async throws(RegistryError) where Chunk.Element == ByteBuffer {
        try await RegistryError.translating {
            let session = try await session(id, in: name)
            // The client may not have named its algorithm until now.
            await session.prepare(for: digest.algorithm)
            try await discardingWhatIsUnknown(session) {
                try await session.append(chunk, at: offset, expecting: length, isLast: true)
            }
            try await finish(session, as: digest)
        }
    }

    /// Ends an upload: its bytes become the blob `digest` of the repository.
    ///
    /// - Throws: ``RegistryError/digestMismatch(expected:actual:)``; the upload is then discarded, because it cannot be
    ///   repaired.
    package func finish(_ id: UploadID, as digest: Digest, in name: RepositoryName) async throws(RegistryError) {
        try await RegistryError.translating {
            try await finish(try await session(id, in: name), as: digest)
        }
    }

    private func finish(_ session: UploadSession, as digest: Digest) async throws {
        try await discardingWhatIsUnknown(session) {
            let actual = try await session.finish(digest.algorithm)
            guard actual.digest == digest else {
                try await discard(session.id, in: session.repository)
                throw RegistryError.digestMismatch(expected: digest, actual: actual.digest)
            }
            let (staged, name) = (session.staged, session.repository)
            let change = RegistryEvent.Change.blobPushed(digest, byteCount: staged.byteCount)
            var end = WriteBatch()
            let recorded = events.record([change], in: name, &end)
            do {
                try await locks.withSharedLock(of: name) { [end] in
                    try await blobs.adopt(staged, as: digest, storedAs: actual.stored, in: name, with: end)
                }
            } catch {
                await session.reopen()
                throw error
            }
            events.publish(change, in: name)
            recorded.wereCommitted()
        }
        forget(session.id)
    }

    /// Cancels an upload.
    package func cancel(_ id: UploadID, in name: RepositoryName) async throws(RegistryError) {
        try await RegistryError.translating {
            try await session(id, in: name).close()
            try await discard(id, in: name)
        }
    }

    /// Discards the upload if `work` finds that its file is not what was sent: it cannot be repaired.
    private func discardingWhatIsUnknown<Value: Sendable>(
        _ session: UploadSession,
        _ work: () async throws -> Value
    ) async throws -> Value {
        do { return try await work() } catch StorageError.absent(session.staged.place) {
            try await discard(session.id, in: session.repository)
            throw RegistryError.uploadUnknown(session.id.description)
        }
    }

    /// Deletes an upload completely.
    func discard(_ id: UploadID, in name: RepositoryName) async throws {
        let session = sessions[id]
        forget(id)
        if let session, session.repository == name { return try await session.staged.discard() }
        var batch = WriteBatch()
        batch.discard(OwnLayout.uploadHash(id))
        batch.discard(V2Layout.upload(id, in: name))
        try await storage.commit(batch)
    }

    private func forget(_ id: UploadID) {
        uses.remove(id)
        let session = sessions.removeValue(forKey: id)
        if session?.begun.map({ $0 < start }) ?? true {
            // More than were ever known at once; the next process forgets them anyway.
            if ended.count >= 100_000 { ended.removeFirst() }
            ended.insert(id)
        }
    }

    private func session(_ id: UploadID, in name: RepositoryName) async throws -> UploadSession {
        if let session = sessions[id] {
            guard session.repository == name else { throw RegistryError.uploadUnknown(id.description) }
            uses.note(id)
            return session
        }
        guard let staged = try await storage.resume(Self.token(id, in: name)) else {
            throw RegistryError.uploadUnknown(id.description)
        }
        let hash = try await Self.hash(of: staged)
        // Another request may have resumed the upload while this one was hashing.
        if let session = sessions[id] { return session }
        let session = UploadSession(
            id: id,
            repository: name,
            staged: staged,
            begun: nil,
            isStored: true,
            hash: hash
        )
        keep(session)
        return session
    }

    private func keep(_ session: UploadSession) {
        sessions[session.id] = session
        uses.note(session.id)
    }
}
