import ImageModel
import Logging
import NIOCore
import Storage
import Synchronization
import SystemLibraries

/// Tracks which blob files match their digests, and which were found not to.
///
/// A power loss can leave empty or truncated files under the names of blobs. Such a blob counts as missing, so that
/// clients send it again, which repairs it. A file is only verified if there is a reason for suspicion, and only once:
/// the result is kept in memory for that version of the file. Damage is also recorded on disk, so that HEAD gives the
/// same result after a restart.
final class BlobChecks: Sendable {
    /// A file under the name of a blob.
    private struct File: Hashable, Sendable {
        let digest: Digest
        let version: ObjectVersion
    }

    private struct Findings: Sendable {
        var sound: Set<File> = []
        var damaged: Set<File> = []
    }

    private let findings = Mutex(Findings())
    private let locks = KeyedLocks<Digest>()
    private let storage: any ObjectStorage
    private let damage: DamageLog
    private let logger: Logger?

    /// The maximum number of remembered files of each kind. Forgetting one costs another read.
    private static let limit = 1 << 16
    /// The digests of zero bytes.
    private static let digestsOfNoBytes = Set(Digest.Algorithm.allCases.map { Digest($0, of: []) })

    init(storage: any ObjectStorage, logger: Logger?) {
        self.storage = storage
        self.logger = logger
        self.damage = DamageLog(logger: logger)
    }

    /// Loads the damage recorded by earlier processes, and drops records of blobs that have been repaired.
    func prepare() async throws {
        let records = JSONFile(storage: storage)
        for entry in try await storage.list(OwnLayout.damagedBlobs) where !entry.isDirectory {
            let key = OwnLayout.damagedBlobs.appending(entry.name)
            let record = try await records.read(DamagedBlob.self, from: key)
            if let record, let digest = record.parsedDigest,
                let file = try await storage.attributes(of: V2Layout.blobData(digest)), record.describes(file)
            {
                note(digest, file, isSound: false)
            } else {
                try await storage.remove(key)
            }
        }
    }

    /// Logs that a link cannot be read.
    func note(_ error: StorageError, of link: ObjectKey) { damage.note(error, of: "link of a blob", in: "\(link)") }

    /// Whether a file may be the blob, judging by its attributes and earlier checks. Reads nothing.
    func mayHold(_ digest: Digest, _ file: ObjectAttributes) -> Bool {
        guard file.kind == .object else { return false }
        guard file.byteCount > 0 || Self.digestsOfNoBytes.contains(digest) else {
            note(digest, file, isSound: false)
            return false
        }
        return !isDamaged(digest, file)
    }

    /// Whether a file was found not to match its digest.
    func isDamaged(_ digest: Digest, _ file: ObjectAttributes) -> Bool {
        findings.withLock { $0.damaged.contains(File(digest: digest, version: file.version)) }
    }

    /// Whether a stored blob matches its digest; reads the blob if that is not known.
    ///
    /// Concurrent callers share a single read.
    func isSound(_ digest: Digest) async throws -> Bool {
        let key = V2Layout.blobData(digest)
        if let file = try await storage.attributes(of: key), let known = finding(digest, file) { return known }
        return try await locks.withLock(digest) {
            guard let reader = try await storage.open(key) else { return false }
            let file = reader.attributes
            // Another caller may have read it in the meantime.
            if let known = finding(digest, file) { return known }
            guard mayHold(digest, file) else { return false }
            var hash = StreamingDigest(digest.algorithm)
            try await hash.update(reading: reader)
            let isSound = hash.digest() == digest
            note(digest, file, isSound: isSound)
            if !isSound { await record(digest, file) }
            // A file that replaced it meanwhile was pushed, and hashed on arrival.
            guard let current = try await storage.attributes(of: key) else { return false }
            return mayHold(digest, current)
        }
    }

    /// Treats a file that was found to be damaged as missing from now on.
    func condemn(_ digest: Digest, _ file: ObjectAttributes) async {
        note(digest, file, isSound: false)
        await record(digest, file)
    }

    /// Whether these bytes are the record of a damaged blob.
    static func isRecord(_ bytes: ByteBuffer) -> Bool {
        (try? JSONFile.decoded(DamagedBlob.self, from: bytes))?.parsedDigest != nil
    }

    /// Records on disk that a file is damaged. Without the record it would be read again after a restart.
    private func record(_ digest: Digest, _ file: ObjectAttributes) async {
        do {
            let record = DamagedBlob(digest, file)
            try await JSONFile(storage: storage).write(record, to: OwnLayout.damagedBlob(digest))
        } catch {
            logger?.warning(
                "cannot record blob damage",
                metadata: ["digest": "\(digest)", "error": "\(error)"]
            )
        }
    }

    private func finding(_ digest: Digest, _ file: ObjectAttributes) -> Bool? {
        let file = File(digest: digest, version: file.version)
        return findings.withLock { findings in
            if findings.damaged.contains(file) { return false }
            return findings.sound.contains(file) ? true : nil
        }
    }

    private func note(_ digest: Digest, _ file: ObjectAttributes, isSound: Bool) {
        let isNew = findings.withLock { findings in
            let kind: WritableKeyPath<Findings, Set<File>> = isSound ? \.sound : \.damaged
            if findings[keyPath: kind].count >= Self.limit { findings[keyPath: kind] = [] }
            return findings[keyPath: kind].insert(File(digest: digest, version: file.version)).inserted
        }
        guard isNew, !isSound else { return }
        logger?.error(
            "blob is damaged; treated as missing until it is pushed again",
            metadata: ["digest": "\(digest)", "bytes": "\(file.byteCount)"]
        )
    }
}

/// A file that does not match its digest: the content of `longshore/damaged/DIGEST`.
private struct DamagedBlob: Codable {
    private let digest: String
    private let version: ObjectVersion

    init(_ digest: Digest, _ file: ObjectAttributes) {
        self.digest = digest.description
        version = file.version
    }

    private enum CodingKeys: String, CodingKey {
        case digest, version
        /// The file's identity in records of Longshore 0.1.
        case byteCount, modified, identity
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        digest = try container.decode(String.self, forKey: .digest)
        if let inode = try container.decodeIfPresent(UInt64.self, forKey: .identity) {
            let byteCount = try container.decode(Int64.self, forKey: .byteCount)
            let modified = try container.decode(Int64.self, forKey: .modified)
            version = ObjectVersion(byteCount: byteCount, modified: modified, inode: inode)
        } else {
            version = try container.decode(ObjectVersion.self, forKey: .version)
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(digest, forKey: .digest)
        try container.encode(version, forKey: .version)
    }

    /// The blob's digest; nil for a damaged record.
    var parsedDigest: Digest? { try? Digest(parsing: digest) }

    /// Whether this is the same version of the file.
    func describes(_ file: ObjectAttributes) -> Bool {
        file.kind == .object && file.version == version
    }
}
