package import ImageModel
import NIOCore
import Storage

/// Uploads known only by their location.
extension Uploads {
    /// The number of uploads in progress.
    package var openCount: Int { sessions.count }

    /// The state for the location of an upload.
    package func state(of id: UploadID, in name: RepositoryName) async throws(RegistryError) -> String {
        try await RegistryError.translating {
            try await uploadStates().text(of: id, in: name, begun: sessions[id]?.begun ?? WallClock.now)
        }
    }

    /// Restores an upload that an earlier process began and that has received no bytes.
    ///
    /// - Parameter state: The state from its location.
    package func restore(_ id: UploadID, in name: RepositoryName, by state: String) async throws(RegistryError) {
        try await RegistryError.translating {
            guard sessions[id] == nil, !ended.contains(id),
                let begun = try await uploadStates().begun(of: id, in: name, state), begun < start,
                WallClock.age(of: begun) < UploadState.lifetime,
                try await storage.resume(Self.token(id, in: name)) == nil
            else { return }
            try await begin(id, in: name, at: begun)
        }
    }

    private func uploadStates() async throws -> UploadState {
        if let states { return states }
        let states = UploadState(secret: try await signer.secret(for: "longshore uploads"))
        self.states = states
        return states
    }

    /// Discards uploads without files that have not been changed since `limit`, and returns their number.
    func removeForgotten(since limit: Int64, isDryRun: Bool) async throws -> Int {
        var count = 0
        for session in sessions.values where await session.isForgotten(since: limit) {
            count += 1
            if !isDryRun { try await discard(session.id, in: session.repository) }
        }
        return count
    }
}

/// The stored parts of uploads.
extension Uploads {
    /// The hash of an upload: restored as saved, then updated with the bytes after that.
    static func hash(of staged: any StagedObject) async throws -> UploadHash {
        let saved = staged.savedState
        var hash = saved.flatMap { UploadHash(restoring: Array(buffer: $0)) } ?? UploadHash(.sha256)
        if hash.byteCount > staged.byteCount { hash = UploadHash(.sha256) }
        guard hash.byteCount < staged.byteCount else { return hash }
        try await staged.reader().forEachChunk(from: hash.byteCount) { await hash.take($0) }
        return hash
    }

    /// The storage location of an upload.
    static func token(_ id: UploadID, in name: RepositoryName) -> StagingToken {
        StagingToken(
            data: V2Layout.uploadData(id, in: name),
            state: OwnLayout.uploadHash(id),
            directory: V2Layout.upload(id, in: name)
        )
    }
}
