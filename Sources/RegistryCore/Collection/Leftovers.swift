import ImageModel
import NIOCore
import Storage

/// Removes leftovers that no writer relies on: records of content that is gone, derivations without a source, abandoned
/// uploads and pushes, and empty repository directories.
struct Leftovers: Sendable {
    let walk: CollectionWalk
    let uploads: Uploads
    let pushes: V1Pushes
    let policy: CollectionPolicy
    /// The storage's time, in nanoseconds since 1970.
    let now: Int64

    private var storage: any ObjectStorage { walk.storage }

    /// How long an upload must have been idle to be removed.
    private static let uploadAge = Duration.seconds(7 * 86_400)

    /// Removes the leftovers; in a dry run, only counts them.
    func remove(_ mark: Mark, _ report: inout CollectionReport) async throws {
        try await removeDerivations(mark, &report)
        try await removeForms(&report)
        try await removeImageRecords(&report)
        report.uploadCount += try await uploads.removeAbandoned(
            for: Self.uploadAge,
            isDryRun: policy.isDryRun,
            now: now
        )
        if !policy.isDryRun {
            try await pushes.removeAbandoned(now: now)
            for repository in mark.repositories { try await removeIfEmpty(repository, &report) }
        }
    }

    private func isOld(_ object: ObjectAttributes?) -> Bool {
        object.map { WallClock.age(of: $0.modified, now: now) >= policy.grace.nanoseconds } ?? false
    }

    /// Removes derived manifests and blobs without a source. A client that requests one again has it derived again.
    private func removeDerivations(_ mark: Mark, _ report: inout CollectionReport) async throws {
        for kind in ["manifests", "blobs"] {
            for derivation in try await mark.derivations(of: kind) where try await !mark.isLiving(derivation) {
                report.derivationCount += 1
                if !policy.isDryRun { try await storage.removeAll(below: derivation.key) }
            }
        }
    }

    /// Removes records of the forms of manifests that are gone.
    private func removeForms(_ report: inout CollectionReport) async throws {
        for form in try await StoredDerivation.all(of: "forms", in: storage) {
            let link = V2Layout.revisionLink(form.digest, in: form.repository)
            guard try await walk.attributes(of: [link])[0] == nil else { continue }
            report.recordCount += 1
            if !policy.isDryRun { try await storage.removeAll(below: form.key) }
        }
    }

    /// Removes records of v1 images that are gone.
    private func removeImageRecords(_ report: inout CollectionReport) async throws {
        for root in OwnLayout.imageRecords {
            for prefix in try await storage.list(root) where prefix.isDirectory {
                let key = root.appending(prefix.name)
                let entries = try await storage.list(key)
                var count = 0
                try await walk.inSteps(entries) { some in
                    let named = some.compactMap { entry in
                        (try? V1ImageID(parsing: entry.name)).map { (key.appending(entry.name), $0) }
                    }
                    let images = try await walk.attributes(of: named.map { V1Layout.image($0.1) })
                    let records = try await walk.attributes(of: named.map(\.0))
                    for (((record, _), image), attributes) in zip(zip(named, images), records) {
                        // A young record may belong to a push in progress.
                        guard image == nil, isOld(attributes) else { continue }
                        count += 1
                        if !policy.isDryRun { try await storage.removeAll(below: record) }
                    }
                }
                report.recordCount += count
            }
        }
    }

    /// Removes the directory of a repository without manifests, layers, tags and uploads.
    private func removeIfEmpty(_ repository: RepositoryDirectory, _ report: inout CollectionReport) async throws {
        guard storage.traits.prefixesHaveVersions, isOld(try await walk.attributes(of: [repository.key])[0]),
            let prefixes = try await emptyPrefixes(below: repository.key)
        else { return }
        var batch = WriteBatch()
        // Innermost first. A writer that intervenes creates the directories it needs, and those above them stay.
        for prefix in prefixes { batch.remove([], pruning: prefix) }
        try await storage.commit(batch)
        if try await storage.attributes(of: repository.key) == nil { report.repositoryDirectoryCount += 1 }
    }

    /// The directories below a key, innermost first, and the key itself last; nil if there is an object or one of the
    /// directories below is young.
    private func emptyPrefixes(below key: ObjectKey) async throws -> [ObjectKey]? {
        var prefixes: [ObjectKey] = []
        for entry in try await storage.list(key) {
            let inner = key.appending(entry.name)
            guard entry.isDirectory, let below = try await emptyPrefixes(below: inner),
                isOld(try await walk.attributes(of: [inner])[0])
            else { return nil }
            prefixes += below
        }
        return prefixes + [key]
    }
}

extension OwnLayout {
    /// The prefixes of records of single v1 images, which are grouped by id prefix.
    static let imageRecords = [layerRecords, root.appending("projections"), root.appending("pushers")]
}
