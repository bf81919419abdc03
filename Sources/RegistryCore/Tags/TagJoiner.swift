package import ImageModel
import NIOCore
import Storage

/// Joins the two layouts' views of a tag, using records of what it pointed to in both.
package struct TagJoiner: Sendable {
    private let records: JSONFile
    private let tree: V1Tree
    private let links: TagLinks
    private let origins: ManifestOrigins
    private let agreement: TagAgreement

    /// - Parameters:
    ///   - tree: The v1 tags.
    ///   - links: The v2 tags.
    ///   - agreement: Compares the images of both sides if no record does.
    init(tree: V1Tree, links: TagLinks, origins: ManifestOrigins, agreement: TagAgreement) {
        self.records = JSONFile(storage: links.storage)
        self.tree = tree
        self.links = links
        self.origins = origins
        self.agreement = agreement
    }

    /// The current target of a tag.
    package func join(_ tag: Tag, in name: RepositoryName) async throws -> TagJoin {
        let v2 = try await links.side(tag, in: name)
        guard let v1Name = V1RepositoryName(name), let v1 = try await tree.side(tag, in: v1Name) else {
            return TagJoin(record: nil, v1: nil, v2: v2)
        }
        let record = try await records.read(StoredTagRecord.self, from: OwnLayout.tagRecord(tag, in: name))
        return TagJoin(record: record?.parsed, v1: v1, v2: v2)
    }

    /// A tag's target and when it was pushed; nil if there is no such tag.
    ///
    /// The v2 link of a tag that v1 has set is written when the image is converted: the v1 tag's time counts then.
    func state(of tag: Tag, in name: RepositoryName) async throws -> TagState? {
        let v2 = try await links.side(tag, in: name)
        guard let v1Name = V1RepositoryName(name), let v1 = try await tree.side(tag, in: v1Name) else {
            return v2.map { TagState(tag: tag, target: .manifest($0.value), pushed: $0.modified) }
        }
        let record = try await record(of: tag, in: name)
        let target = TagJoin(record: record, v1: v1, v2: v2)
        switch target {
        case .absent: return nil
        case .image: return TagState(tag: tag, target: target, pushed: v1.modified)
        case .manifest(let digest):
            let isOfV1 = record?.image == v1.value && record?.manifest == digest
            return TagState(tag: tag, target: target, pushed: isOfV1 ? v1.modified : v2?.modified ?? v1.modified)
        }
    }

    /// The v2 side of a tag; nil if there is none.
    package func v2Side(_ tag: Tag, in name: RepositoryName) async throws -> TagSide<Digest>? {
        try await links.side(tag, in: name)
    }

    /// The target of a tag as v1 clients see it.
    func v1Side(_ tag: Tag, in name: RepositoryName) async throws -> V1TagSide {
        let v2 = try await links.side(tag, in: name)
        guard let v1Name = V1RepositoryName(name), let v1 = try await tree.side(tag, in: v1Name) else {
            return v2.map { .projected($0.value) } ?? .absent
        }
        let record = try await record(of: tag, in: name)
        switch TagJoin(record: record, v1: v1, v2: v2) {
        case .absent: return .absent
        case .image(let image): return .stored(image)
        case .manifest(let digest):
            let isJoined = record?.image == v1.value && record?.manifest == digest
            if isJoined { return .stored(v1.value) }
            // A record without this image is older than both sides: a power loss destroyed the newer record.
            guard record?.image != v1.value, try await agreement.isConversion(digest, of: v1.value, in: name) else {
                return .projected(digest)
            }
            return .stored(v1.value)
        }
    }

    /// Adds a record to `batch` which ensures that a v1 tag of `image`, written after it, counts as the newer side
    /// whatever the clocks say: it differs from the record, and the v2 tag does not.
    ///
    /// - Returns: The manifest the tag points to now.
    @discardableResult
    func expect(_ image: V1ImageID, tag: Tag, in name: RepositoryName, _ batch: inout WriteBatch) async throws
        -> Digest?
    {
        let current: Digest?
        do { current = try await links.read(tag, in: name) } catch let error as StorageError where error.isOfOneObject {
            // An unreadable tag points to nothing and is about to be replaced.
            try await links.remove(tag, in: name)
            return nil
        }
        guard let manifest = current else { return nil }
        let record = try await record(of: tag, in: name)
        if let record, record.manifest == manifest { return manifest }
        // The caller adds the v1 tag to the batch after this record.
        let stored = StoredTagRecord(TagRecord(image: nil, manifest: manifest))
        batch.put(try JSONFile.encoded(stored), at: OwnLayout.tagRecord(tag, in: name))
        return manifest
    }

    /// Adds to `batch` the changes that set the v2 tag to a v1 tag's manifest and record both.
    func write(_ record: TagRecord, tag: Tag, in name: RepositoryName, _ batch: inout WriteBatch) async throws {
        if let image = record.image { try await origins.note(image, of: record.manifest, &batch) }
        batch.tag(tag, record.manifest, in: name)
        batch.put(try JSONFile.encoded(StoredTagRecord(record)), at: OwnLayout.tagRecord(tag, in: name), as: .cache)
    }

    /// Removes a v2 tag and its record, so that a v1 tag of the same name is converted again.
    package func withdraw(_ tag: Tag, in name: RepositoryName) async throws {
        var batch = WriteBatch()
        _ = try await links.remove([tag], in: name, &batch)
        batch.remove(OwnLayout.tagRecord(tag, in: name))
        try await records.storage.commit(batch)
    }

    /// The record in these bytes; nil if they are damaged.
    static func record(in bytes: ByteBuffer) -> TagRecord? {
        (try? JSONFile.decoded(StoredTagRecord.self, from: bytes))?.parsed
    }

    /// The image and manifest a tag was last recorded with; nil if there is no record.
    package func record(of tag: Tag, in name: RepositoryName) async throws -> TagRecord? {
        try await records.read(StoredTagRecord.self, from: OwnLayout.tagRecord(tag, in: name))?.parsed
    }
}

/// A ``TagRecord`` as stored on disk.
private struct StoredTagRecord: Codable, Equatable {
    let image: String?
    let manifest: String

    init(_ record: TagRecord) {
        image = record.image?.description
        manifest = record.manifest.description
    }

    /// The record; nil if it is damaged.
    var parsed: TagRecord? {
        guard let manifest = try? Digest(parsing: manifest) else { return nil }
        guard let image else { return TagRecord(image: nil, manifest: manifest) }
        return (try? V1ImageID(parsing: image)).map { TagRecord(image: $0, manifest: manifest) }
    }
}

/// The target, as v1 clients see it, of a tag whose name both protocols allow.
enum V1TagSide: Hashable, Sendable {
    /// There is no such tag.
    case absent
    /// The image in the v1 tag's file.
    case stored(V1ImageID)
    /// A v2 manifest, presented as a chain of v1 images.
    case projected(Digest)
}
