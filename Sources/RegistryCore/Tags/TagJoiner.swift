package import ImageModel
import NIOCore
import Storage

/// The two layouts' views of tags, and the records that join them.
package struct TagJoiner: Sendable {
    private let records: JSONFile
    private let tree: V1Tree
    private let links: TagLinks
    private let origins: ManifestOrigins
    private let agreement: TagAgreement

    /// - Parameters:
    ///   - tree: Where the v1 tags are.
    ///   - links: Where the v2 tags are.
    ///   - agreement: Tells whether both name one image where no record says so.
    init(tree: V1Tree, links: TagLinks, origins: ManifestOrigins, agreement: TagAgreement) {
        self.records = JSONFile(storage: links.storage)
        self.tree = tree
        self.links = links
        self.origins = origins
        self.agreement = agreement
    }

    /// Which side of a tag holds.
    package func join(_ tag: Tag, in name: RepositoryName) async throws -> TagJoin {
        let v2 = try await links.side(tag, in: name)
        guard let v1Name = V1RepositoryName(name), let v1 = try await tree.side(tag, in: v1Name) else {
            return TagJoin(record: nil, v1: nil, v2: v2)
        }
        let record = try await records.read(StoredTagRecord.self, from: OwnLayout.tagRecord(tag, in: name))
        return TagJoin(record: record?.parsed, v1: v1, v2: v2)
    }

    /// What v2 says of a tag, or nil when it has no such tag.
    package func v2Side(_ tag: Tag, in name: RepositoryName) async throws -> TagSide<Digest>? {
        try await links.side(tag, in: name)
    }

    /// What v1 has to show for a tag.
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
            // A record of another image is from before both sides were written: a loss of power took the newer one.
            guard record?.image != v1.value, try await agreement.isConversion(digest, of: v1.value, in: name) else {
                return .projected(digest)
            }
            return .stored(v1.value)
        }
    }

    /// Adds to `batch` what makes sure that a v1 tag of `image`, once it is written, will be taken for the newer side,
    /// whatever the clocks say: the record will differ from it, and not from the v2 tag.
    ///
    /// - Returns: The manifest that the tag names now.
    @discardableResult
    func expect(_ image: V1ImageID, tag: Tag, in name: RepositoryName, _ batch: inout WriteBatch) async throws
        -> Digest?
    {
        let current: Digest?
        do { current = try await links.read(tag, in: name) } catch let error as StorageError where error.isOfOneObject {
            // What cannot be read names nothing, and gives way to what is set now.
            try await links.remove(tag, in: name)
            return nil
        }
        guard let manifest = current else { return nil }
        let record = try await record(of: tag, in: name)
        if let record, record.manifest == manifest { return manifest }
        // Before the v1 tag is written.
        let stored = StoredTagRecord(TagRecord(image: nil, manifest: manifest))
        batch.put(try JSONFile.encoded(stored), at: OwnLayout.tagRecord(tag, in: name))
        return manifest
    }

    /// Makes a v1 tag's manifest the v2 tag, and remembers both.
    package func write(_ record: TagRecord, tag: Tag, in name: RepositoryName) async throws {
        var batch = WriteBatch()
        try await write(record, tag: tag, in: name, &batch)
        try await records.storage.commit(batch)
    }

    /// Adds to `batch` what makes a v1 tag's manifest the v2 tag, and remembers both.
    func write(_ record: TagRecord, tag: Tag, in name: RepositoryName, _ batch: inout WriteBatch) async throws {
        if let image = record.image { try await origins.note(image, of: record.manifest, &batch) }
        batch.tag(tag, record.manifest, in: name)
        batch.put(try JSONFile.encoded(StoredTagRecord(record)), at: OwnLayout.tagRecord(tag, in: name), as: .cache)
    }

    /// Takes a v2 tag away, and forgets what it was joined as: a v1 tag of that name is to be converted anew.
    package func withdraw(_ tag: Tag, in name: RepositoryName) async throws {
        var batch = WriteBatch()
        _ = try await links.remove([tag], in: name, &batch)
        batch.remove(OwnLayout.tagRecord(tag, in: name))
        try await records.storage.commit(batch)
    }

    /// The image and manifest that a tag was last joined as, or nil.
    package func record(of tag: Tag, in name: RepositoryName) async throws -> TagRecord? {
        try await records.read(StoredTagRecord.self, from: OwnLayout.tagRecord(tag, in: name))?.parsed
    }
}

/// A ``TagRecord`` as it stands on disk.
private struct StoredTagRecord: Codable, Equatable {
    let image: String?
    let manifest: String

    init(_ record: TagRecord) {
        image = record.image?.description
        manifest = record.manifest.description
    }

    /// The record, or nil for one that was tampered with.
    var parsed: TagRecord? {
        guard let manifest = try? Digest(parsing: manifest) else { return nil }
        guard let image else { return TagRecord(image: nil, manifest: manifest) }
        return (try? V1ImageID(parsing: image)).map { TagRecord(image: $0, manifest: manifest) }
    }
}

/// What v1 has to show for a tag that both protocols can have.
enum V1TagSide: Hashable, Sendable {
    /// There is no such tag.
    case absent
    /// The image that the tag's own file names.
    case stored(V1ImageID)
    /// The manifest of v2, as engines that know none see it.
    case projected(Digest)
}
