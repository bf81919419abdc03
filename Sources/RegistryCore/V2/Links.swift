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

    /// Makes `key` name `digest`, unless it does.
    func write(_ digest: Digest, to key: ObjectKey) async throws {
        if let link = try await newLink(to: digest, at: key) { try await storage.write(link.bytes, to: key) }
    }

    /// What has to be written to make `key` name `digest`; nil when it does, durably.
    func newLink(to digest: Digest, at key: ObjectKey) async throws -> NewObject? {
        let bytes = ByteBuffer(string: digest.description)
        let present: ByteBuffer?
        do { present = try await storage.read(key, limit: 256) } catch  where error.isOfOneObject {
            // What is damaged is replaced.
            present = nil
        }
        guard present == bytes else { return NewObject(bytes, at: key) }
        try await storage.settle([key])
        return nil
    }
}
