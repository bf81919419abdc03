import ImageModel
import NIOCore
import Storage

/// Reads what repositories have.
struct InventoryReader: Sendable {
    let storage: any ObjectStorage
    let joiner: TagJoiner
    let catalogue: Catalogue
    let rules: TagRules
    let damage: DamageLog

    /// The number of tags to read in one step.
    private static let stepCount = 256

    /// The tags of a repository, in bytewise order, except those that only v1's grammar allows.
    func tags(of name: RepositoryName) async throws -> [RepositoryInventory.TagEntry] {
        let walk = CollectionWalk(storage: storage)
        var entries: [RepositoryInventory.TagEntry] = []
        try await walk.inSteps(try await catalogue.tags(in: name), of: Self.stepCount) { some in
            entries += try await Array(some).mapInParallel { tag in try await entry(tag, in: name) }.compactMap(\.self)
        }
        let subjects = Set(entries.compactMap(\.tag.referrerSubject)).sorted()
        let links = try await walk.attributes(of: subjects.map { V2Layout.revisionLink($0, in: name) })
        let present = Set(zip(subjects, links).filter { $1 != nil }.map(\.0))
        for index in entries.indices {
            guard let subject = entries[index].tag.referrerSubject, present.contains(subject) else { continue }
            entries[index].subject = subject
        }
        return entries
    }

    /// A tag; nil if it was deleted in the meantime.
    private func entry(_ tag: Tag, in name: RepositoryName) async throws -> RepositoryInventory.TagEntry? {
        let protection = rules.protection(of: tag.description, in: name.description)
        do {
            guard let state = try await joiner.state(of: tag, in: name) else { return nil }
            return RepositoryInventory.TagEntry(tag, state: state, protection: protection)
        } catch let error as StorageError where error.isOfOneObject {
            damage.note(error, of: tag.description, in: name.description)
            return RepositoryInventory.TagEntry(tag, state: nil, protection: protection)
        }
    }

    /// The manifests of a repository, with what they need.
    func manifests(of name: RepositoryName) async throws -> [RepositoryInventory.ManifestEntry] {
        let walk = CollectionWalk(storage: storage)
        let reader = ManifestReader(storage: storage)
        let repository = RepositoryDirectory(key: V2Layout.manifests(of: name).parent)
        var entries: [RepositoryInventory.ManifestEntry] = []
        let digests = try await walk.digests(below: repository.revisions)
        try await walk.inSteps(digests, of: ManifestReader.stepCount) { some in
            let links = try await walk.attributes(of: some.map { repository.revisionLink($0) })
            let found = zip(some, links).compactMap { digest, link in link.map { (digest, $0.modified) } }
            entries += try await found.mapInParallel(width: 8) { digest, pushed in
                let references = try await references(of: digest, reader)
                return RepositoryInventory.ManifestEntry(
                    digest,
                    pushed: pushed,
                    children: references?.children,
                    subject: references?.subject
                )
            }
        }
        return entries
    }

    /// What a manifest needs; nil if it cannot be read.
    private func references(of digest: Digest, _ reader: ManifestReader) async throws -> ManifestReferences? {
        let (contents, failure) = await reader.contents([V2Layout.blobData(digest)])
        if let failure, !failure.isOfOneObject { throw failure }
        guard failure == nil else { return nil }
        return ManifestReferences(of: (contents.first ?? nil) ?? ByteBuffer())
    }
}
