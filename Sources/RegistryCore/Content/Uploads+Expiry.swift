package import ImageModel
import Storage

/// Removal of abandoned uploads.
extension Uploads {
    /// Discards the remains of an upload, if any.
    package func discardIfPresent(_ id: UploadID, in name: RepositoryName) async throws(RegistryError) {
        try await RegistryError.translating {
            try await discard(id, in: name)
        }
    }

    /// Discards uploads in all repositories that nothing was added to for `age`, and returns their number.
    ///
    /// - Parameters:
    ///   - isDryRun: Whether to only count them.
    ///   - now: The current time, in nanoseconds since 1970.
    package func removeAbandoned(
        for age: Duration,
        isDryRun: Bool = false,
        now: Int64 = WallClock.now
    ) async throws -> Int {
        let limit = now.clampedSubtracting(age.components.seconds.clampedMultiplied(by: 1_000_000_000))
        var count = try await removeForgotten(since: limit, isDryRun: isDryRun)
        try await eachUpload(below: V2Layout.repositories, path: "") { id, name in
            let files = [V2Layout.uploadData(id, in: name), V2Layout.uploadStart(id, in: name)]
            let attributes = try await storage.attributes(of: files).compactMap(\.self)
            guard let latest = attributes.map(\.modified).max(), latest < limit else { return }
            if !isDryRun { try await discardIfPresent(id, in: name) }
            count += 1
        }
        return count
    }

    /// Discards the uploads of a repository, except those that a request is writing to, and returns their number.
    func discardAll(in name: RepositoryName) async throws -> Int {
        var ids = Set(sessions.values.filter { $0.repository == name }.map(\.id))
        for entry in try await storage.list(V2Layout.uploads(of: name)) {
            if let id = UploadID(parsing: entry.name) { ids.insert(id) }
        }
        var count = 0
        for id in ids {
            if let session = sessions[id] {
                do { try await session.close() } catch RegistryError.uploadBusy { continue }
            }
            try await discard(id, in: name)
            count += 1
        }
        return count
    }

    private func eachUpload(
        below prefix: ObjectKey,
        path: String,
        _ body: (UploadID, RepositoryName) async throws -> Void
    ) async throws {
        for entry in try await storage.list(prefix) where entry.isDirectory {
            let key = prefix.appending(entry.name)
            if !entry.name.hasPrefix(V2Layout.reservedPrefix) {
                // Deeper paths are not valid names: a symbolic link may point to one of its parent directories.
                guard path.utf8.count + entry.name.utf8.count < RepositoryName.maximumLength else { continue }
                try await eachUpload(below: key, path: path.isEmpty ? entry.name : "\(path)/\(entry.name)", body)
            } else if entry.name == "_uploads" {
                guard let name = try? RepositoryName(parsing: path) else { continue }
                for upload in try await storage.list(key) {
                    if let id = UploadID(parsing: upload.name) { try await body(id, name) }
                }
            }
        }
    }
}
