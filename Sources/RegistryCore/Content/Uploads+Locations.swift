package import ImageModel
import Storage

/// Uploads that are known by their location alone.
extension Uploads {
    /// What the location of an upload says of it.
    package func state(of id: UploadID, in name: RepositoryName) async throws -> String {
        try await uploadStates().text(of: id, in: name, begun: sessions[id]?.begun ?? WallClock.now)
    }

    /// Begins an upload anew that an earlier process began and got no bytes of.
    ///
    /// - Parameter state: What its location says.
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

    /// Throws away the uploads without files that nobody has changed since a time, and returns how many.
    func removeForgotten(since limit: Int64, isDryRun: Bool) async throws -> Int {
        var count = 0
        for session in sessions.values where await session.isForgotten(since: limit) {
            count += 1
            if !isDryRun { try await discard(session.id, in: session.repository) }
        }
        return count
    }
}
