import ImageModel
import NIOCore
import Storage

/// The files that contain a digest: they make blobs belong to repositories, and tags point to manifests.
struct Links: Sendable {
    let storage: any ObjectStorage
    private let files: SmallFile

    init(storage: any ObjectStorage) {
        self.storage = storage
        self.files = SmallFile(storage: storage)
    }

    /// The digest in a link; nil if there is no link.
    ///
    /// - Throws: `StorageError.unreadable` if the file contains something else.
    func read(_ key: ObjectKey) async throws -> Digest? {
        try await files.read(key, limit: 256, expecting: "a digest") { bytes in
            try? Digest(parsing: String(buffer: bytes))
        }
    }

    /// The digests in links, in one step. Each most likely contains the digest in its own path; nil for missing links.
    ///
    /// - Throws: `StorageError.unreadable` if a file contains something else.
    func read(_ links: [(key: ObjectKey, digest: Digest)]) async throws -> [Digest?] {
        let known = try await contents(of: links.map(\.key))
        let contents = known ?? Array(repeating: ByteBuffer(), count: links.count)
        var digests: [Digest?] = []
        for (link, content) in zip(links, contents) {
            switch content {
            case nil: digests.append(nil)
            case ByteBuffer(string: link.digest.description): digests.append(link.digest)
            // The link's content, not its path, determines the digest; and a link may be half-written.
            default: digests.append(try await read(link.key))
            }
        }
        return digests
    }

    /// The content of the keys; nil if any of them cannot be read.
    private func contents(of keys: [ObjectKey]) async throws(StorageError) -> [ByteBuffer?]? {
        do { return try await storage.read(keys, limit: 256) } catch {
            if error.isOfOneObject { return nil }
            throw error
        }
    }
}

extension WriteBatch {
    /// Makes a link point to a digest, unless it already does. A damaged link is replaced.
    mutating func link(_ digest: Digest, at key: ObjectKey) {
        ensure(ByteBuffer(string: digest.description), at: key)
    }

    /// Writes a link even if it points to the digest already: it is young then, and a collector keeps what young links
    /// name, because a manifest or an index may soon name it.
    mutating func renewLink(_ digest: Digest, at key: ObjectKey) {
        put(ByteBuffer(string: digest.description), at: key)
    }

    /// Points a tag to a manifest. The time of its link is that of the push, even if it points there already.
    mutating func tag(_ tag: Tag, _ digest: Digest, in name: RepositoryName) {
        link(digest, at: V2Layout.indexLink(digest, tag: tag, in: name))
        renewLink(digest, at: V2Layout.currentLink(tag, in: name))
    }
}
