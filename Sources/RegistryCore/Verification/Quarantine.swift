import ImageModel
import Storage

/// The files that repairs set aside: `longshore/quarantine/KEY/TIME`. They are never deleted here.
struct Quarantine: Sendable {
    let storage: any ObjectStorage

    /// A new place for the object under `key`.
    func place(for key: ObjectKey) -> ObjectKey { OwnLayout.quarantine.appending("\(key)/\(WallClock.now)") }

    /// Adds to `batch` the changes that set an object aside, if it still has this version, and returns its new place.
    func add(_ key: ObjectKey, _ version: ObjectVersion, to batch: inout WriteBatch) -> ObjectKey {
        let place = place(for: key)
        batch.share(key, as: place)
        batch.remove(key, if: .version(version))
        return place
    }

    /// All files that were set aside.
    func files() async throws -> [VerificationReport.QuarantinedFile] {
        var files: [VerificationReport.QuarantinedFile] = []
        let root = OwnLayout.quarantine.description.utf8.count + 1
        try await storage.forEachObject(below: OwnLayout.quarantine) { keys in
            for (key, file) in zip(keys, try await storage.attributes(of: keys)) {
                guard let file else { continue }
                let origin = String(key.parent.description.dropFirst(root))
                files.append(.init(key: key.description, origin: origin, byteCount: file.byteCount))
            }
        }
        return files.sorted { $0.key < $1.key }
    }
}
