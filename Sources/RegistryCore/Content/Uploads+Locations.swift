package import ImageModel
import Storage

/// Uploads known only by their location.
extension Uploads {
    /// The state for the location of an upload.
    package func state(of id: UploadID, in name: RepositoryName) async throws -> String {
        try await uploadStates().text(of: id, in: name, begun: sessions[id]?.begun ?? WallClock.now)
    }

    /// Restores an upload that an earlier process began and that has received no bytes.
    ///
    /// - Parameter state: The state from its location.
    package func restore(_ id: UploadID, in name: RepositoryName, by state: String) async throws {
        guard sessions[id] == nil, !ended.contains(id),
            let begun = try await uploadStates().begun(of: id, in: name, state), begun < start,
            WallClock.age(of: begun) < UploadState.lifetime,
            try await storage.resume(Self.token(id, in: name)) == nil
        else { return }
        try await begin(id, in: name, at: begun)
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
