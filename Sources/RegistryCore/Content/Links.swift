import ImageModel
import NIOCore
import Storage

/// The files that name a digest: what makes a blob a repository's, and a manifest a tag's.
struct Links: Sendable {
    let storage: any ObjectStorage
    private let files: SmallFile

    init(storage: any ObjectStorage) {
        self.storage = storage
        self.files = SmallFile(storage: storage)
    }

    /// The digest that a link names, or nil when there is no link.
    ///
    /// - Throws: `StorageError.unreadable` for a file that holds something else.
    func read(_ key: ObjectKey) async throws -> Digest? {
        try await files.read(key, limit: 256, expecting: "a digest") { bytes in
            try? Digest(parsing: String(buffer: bytes))
        }
    }

    /// The digests that links name, each of which most likely names the digest that it is called by; nil for one that
    /// is not there. They are read in one step.
    ///
    /// - Throws: `StorageError.unreadable` for a file that holds something else.
    func read(_ links: [(key: ObjectKey, digest: Digest)]) async throws -> [Digest?] {
        let known = try await contents(of: links.map(\.key))
        let contents = known ?? Array(repeating: ByteBuffer(), count: links.count)
        var digests: [Digest?] = []
        for (link, content) in zip(links, contents) {
            switch content {
            case nil: digests.append(nil)
            case ByteBuffer(string: link.digest.description): digests.append(link.digest)
            // The content of the link, not its path, names the digest; and a link may be half-written.
            default: digests.append(try await read(link.key))
            }
        }
        return digests
    }

    /// What stands under the keys; nil where one of them cannot be read.
    private func contents(of keys: [ObjectKey]) async throws(StorageError) -> [ByteBuffer?]? {
        do { return try await storage.read(keys, limit: 256) } catch {
            if error.isOfOneObject { return nil }
            throw error
        }
    }
}

extension WriteBatch {
    /// Makes a link name a digest, unless it does. What is damaged is replaced.
    mutating func link(_ digest: Digest, at key: ObjectKey) {
        ensure(ByteBuffer(string: digest.description), at: key)
    }
}
