import ImageModel
import NIOCore
import Storage

/// What all parts of one verification share.
struct VerificationContext: Sendable {
    let storage: any ObjectStorage
    let tree: V1Tree
    let blobs: Blobs
    let indexes: IndexCompleteness
    let options: VerificationOptions
    let list: DamageList
    let progress: VerificationProgress

    var walk: CollectionWalk { CollectionWalk(storage: storage) }
    var hasher: ContentHasher { ContentHasher(storage: storage, progress: progress) }

    /// How long to wait before a check is repeated. Other programs write a small file in much less.
    private static let pause = Duration.milliseconds(100)
    /// What a small object counts for where the rate of reading is limited: a block of a disk.
    private static let objectByteCount = 4096
    /// Documents larger than this are read one at a time.
    private static let smallByteCount = 64 << 10

    /// Adds the damage that a check finds twice: what others were writing, pushing or deleting meanwhile is no damage.
    func confirm(_ check: () async throws -> [DamageFinding]) async throws {
        try Task.checkCancellation()
        let first = try await check()
        guard !first.isEmpty else { return }
        try await Task.sleep(for: Self.pause)
        let known = Set(first.map(\.identity))
        for finding in try await check() where known.contains(finding.identity) { list.add(finding) }
    }

    /// Passes the content of each key to `body`: small objects are read in one step, large ones one at a time.
    func documents<Key: Sendable>(
        _ keys: [(Key, ObjectKey)],
        limit: Int = SmallFile.documentLimit,
        _ body: (Key, Result<ByteBuffer?, StorageError>) async throws -> Void
    ) async throws {
        try await progress.pace(keys.count * Self.objectByteCount)
        let results = try await storage.results(of: keys.map(\.1), limit: min(limit, Self.smallByteCount))
        for ((key, place), result) in zip(keys, results) {
            if case .failure(.tooLarge(_, let byteCount, _)) = result, byteCount <= limit {
                for again in try await storage.results(of: [place], limit: limit) { try await body(key, again) }
            } else {
                try await body(key, result)
            }
        }
    }

    /// The content of one of Longshore's own small files; nil if there is none or it cannot be read.
    func note(_ key: ObjectKey) async throws -> ByteBuffer? {
        if case .success(let bytes) = try await storage.results(of: [key], limit: Self.smallByteCount)[0] {
            return bytes
        }
        return nil
    }

    /// The names below a prefix; none, and damage, if it cannot be listed.
    func entries(below prefix: ObjectKey) async throws -> [ObjectEntry] {
        do { return try await storage.list(prefix) } catch {
            guard error.isOfOneFile else { throw error }
            list.add(DamageFinding(.unreadable, prefix, "\(error)"))
            return []
        }
    }

    /// The damage of an object that cannot be read: its content is too large, or reading it fails.
    func unreadable(_ key: ObjectKey, _ error: StorageError, as kind: DamageFinding.Kind) -> DamageFinding {
        if case .tooLarge(_, let byteCount, _) = error {
            return DamageFinding(kind, key, "its \(byteCount) bytes are too many")
        }
        return DamageFinding(.unreadable, key, "\(error)")
    }
}

extension DamageFinding {
    init(_ kind: Kind, _ key: ObjectKey, _ detail: String) {
        self.init(kind: kind, key: key.description, detail: detail)
    }

    /// The damaged object; nil for a malformed key.
    var object: ObjectKey? { try? ObjectKey(validating: key) }
}
