import ImageModel
import Storage

/// Verifies every blob against its digest.
struct BlobVerification: Sendable {
    /// The blobs whose digests share a prefix.
    private struct Part: Sendable {
        let algorithm: Digest.Algorithm
        let key: ObjectKey
    }

    let context: VerificationContext
    let known: KnownContent

    private var storage: any ObjectStorage { context.storage }

    /// Verifies all blobs, several at a time, and returns their number.
    func run() async throws -> Int {
        let position = ScrubPosition(context, of: "blobs")
        let parts = try await position.beginning(try await parts()) { $0.key.description }
        let width = max(1, context.options.width)
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            var (count, begun) = (0, 0)
            for (index, part) in parts.enumerated() {
                let names = try await context.entries(below: part.key).map(\.name)
                for digest in names.compactMap({ try? Digest(part.algorithm, hex: $0) }) {
                    if begun >= width, try await group.next() == true { count += 1 }
                    begun += 1
                    group.addTask { try await check(digest) }
                }
                context.progress.reach(index + 1, of: parts.count)
                try await position.reach(part.key.description)
            }
            for try await isThere in group where isThere { count += 1 }
            return count
        }
    }

    private func parts() async throws -> [Part] {
        var parts: [Part] = []
        for entry in try await context.entries(below: V2Layout.blobs) {
            guard let algorithm = Digest.Algorithm(rawValue: entry.name) else { continue }
            let key = V2Layout.blobs.appending(entry.name)
            for prefix in try await context.entries(below: key) where prefix.isDirectory {
                parts.append(Part(algorithm: algorithm, key: key.appending(prefix.name)))
            }
        }
        return parts
    }

    /// Verifies one blob, and returns whether it exists.
    private func check(_ digest: Digest) async throws -> Bool {
        let key = V2Layout.blobData(digest)
        do {
            guard let file = try await storage.attributes(of: key) else { return false }
            guard file.kind == .object else {
                add(DamageFinding(.damagedBlob, key, "it is not a file"), digest)
                return true
            }
            if digest.algorithm == .sha256, known.digest(of: file.version) == digest { return true }
        } catch {
            guard error.isOfOneFile else { throw error }
            context.list.add(DamageFinding(.unreadable, key, "\(error)"))
            return true
        }
        switch try await context.hasher.verdict(on: digest) {
        case .sound: return true
        case .absent: return false
        case .unreadable(let reason): context.list.add(DamageFinding(.unreadable, key, reason))
        case .damaged(let content):
            // A push or a deletion may have replaced it since.
            guard try await storage.attributes(of: key)?.version == content.file.version else { return true }
            let detail = "its \(content.file.byteCount) bytes have the digest \(content.digest)"
            add(DamageFinding(.damagedBlob, key, detail), digest)
            if context.options.marksDamage { await context.blobs.checks.condemn(digest, content.file) }
        }
        return true
    }

    private func add(_ finding: DamageFinding, _ digest: Digest) {
        known.note(damaged: digest)
        context.list.add(finding)
    }
}
