import ImageModel
import Logging
import Storage
import Synchronization
import SystemLibraries

/// What is known of the files of blobs: which have the bytes of their digest, and which were found not to.
///
/// A loss of power leaves files that are empty or cut short under the names of blobs. Such a blob counts as absent, so
/// that clients send it again, which mends it. A file is read again only where something speaks against it, and once:
/// what is found is kept in memory, for the file as it was then. A file that takes its place is another.
final class BlobChecks: Sendable {
    private struct Findings: Sendable {
        var sound: Set<ObjectAttributes> = []
        var damaged: Set<ObjectAttributes> = []
    }

    private let findings = Mutex(Findings())
    private let locks = KeyedLocks<Digest>()
    private let logger: Logger?

    /// The most files of each kind that are remembered. To forget one costs another reading.
    private static let limit = 1 << 16
    /// The digests that an empty file may have.
    private static let digestsOfNoBytes = Set(Digest.Algorithm.allCases.map { Digest($0, of: []) })

    init(logger: Logger?) { self.logger = logger }

    /// Whether a file may be the blob, as far as its attributes and earlier readings tell. Nothing is read.
    func mayHold(_ digest: Digest, _ file: ObjectAttributes) -> Bool {
        guard file.kind == .object else { return false }
        guard file.byteCount > 0 || Self.digestsOfNoBytes.contains(digest) else {
            note(digest, file, isSound: false)
            return false
        }
        return !isDamaged(file)
    }

    /// Whether a file was found not to have the bytes of the blob that it is named for.
    func isDamaged(_ file: ObjectAttributes) -> Bool { findings.withLock { $0.damaged.contains(file) } }

    /// Whether a stored blob has the bytes of its digest, found out by reading it if that is not known.
    ///
    /// Those who ask at the same time wait for one reading.
    func isSound(_ digest: Digest, in storage: any ObjectStorage) async throws -> Bool {
        let key = V2Layout.blobData(digest)
        if let file = try await storage.attributes(of: key), let known = finding(of: file) { return known }
        return try await locks.withLock(digest) {
            guard let reader = try await storage.open(key) else { return false }
            let file = reader.attributes
            // Somebody else may have read it meanwhile.
            if let known = finding(of: file) { return known }
            guard mayHold(digest, file) else { return false }
            var hash = StreamingDigest(digest.algorithm)
            try await hash.update(reading: reader)
            note(digest, file, isSound: hash.digest() == digest)
            // What took its place meanwhile was pushed, and hashed as it came.
            guard let current = try await storage.attributes(of: key) else { return false }
            return mayHold(digest, current)
        }
    }

    private func finding(of file: ObjectAttributes) -> Bool? {
        findings.withLock { findings in
            if findings.damaged.contains(file) { return false }
            return findings.sound.contains(file) ? true : nil
        }
    }

    private func note(_ digest: Digest, _ file: ObjectAttributes, isSound: Bool) {
        let isNew = findings.withLock { findings in
            let kind: WritableKeyPath<Findings, Set<ObjectAttributes>> = isSound ? \.sound : \.damaged
            if findings[keyPath: kind].count >= Self.limit { findings[keyPath: kind] = [] }
            return findings[keyPath: kind].insert(file).inserted
        }
        guard isNew, !isSound else { return }
        logger?.error(
            "blob is damaged: it counts as absent until it is pushed again",
            metadata: ["digest": "\(digest)", "bytes": "\(file.byteCount)"]
        )
    }
}
