import ImageModel
import NIOCore
import Storage

/// The content that a batch names, which a collector must not delete while the batch is being committed.
struct NamedContent: Sendable {
    /// Blobs and manifests that are written, linked, shared or required.
    private(set) var content: Set<Digest> = []
    /// The manifests among them: the content they name counts as named too.
    private(set) var manifests: Set<Digest> = []
    /// The bytes of blobs that the batch contains.
    private var brought: [Digest: ByteBuffer] = [:]
    /// Blobs that the batch promotes or shares, whose bytes are not in memory.
    private var promoted: Set<Digest> = []
    /// The v1 images that it names; true if their ancestors are named too.
    private var images: [V1ImageID: Bool] = [:]
    /// The v1 images that it writes.
    private var writtenImages: Set<V1ImageID> = []
    /// The links that it writes.
    private(set) var links: [ObjectKey] = []
    /// The links of manifests in the repositories whose tags it sets to them.
    private var taggedRevisions: [Digest: Set<ObjectKey>] = [:]

    init(of batch: WriteBatch) {
        for change in batch.changes {
            switch change {
            case .put(let bytes, let key, _, _), .ensure(let bytes, let key, _): note(bytes, at: key)
            case .require(let key, _): note(key)
            case .promote(_, let key): promote(key)
            // Setting a damaged file aside names nothing.
            case .share(_, let key) where OwnLayout.isQuarantined(key): break
            case .share(let source, let key):
                note(source)
                promote(key)
            case .remove, .prune, .discard, .abandon: break
            }
        }
    }

    private mutating func note(_ bytes: ByteBuffer, at key: ObjectKey) {
        if let digest = V2Layout.digest(ofBlob: key) {
            content.insert(digest)
            brought[digest] = bytes
        } else if V2Layout.isLink(key) {
            links.append(key)
            note(key)
            guard bytes.readableBytes <= 256, let digest = try? Digest(parsing: String(buffer: bytes)) else { return }
            content.insert(digest)
            if let repository = V2Layout.repository(ofTag: key) {
                taggedRevisions[digest, default: []].insert(repository.revisionLink(digest))
            }
        } else if V1Layout.isTag(key) {
            if let id = V1Tag(content: Array(buffer: bytes), modified: 0).image { images[id] = true }
        } else if let (id, name) = V1Layout.imageFile(key) {
            writtenImages.insert(id)
            images[id] = images[id] ?? false
            guard name == V1Layout.ancestry(id).name else { return }
            for ancestor in (try? V1Ancestry(parsing: Array(buffer: bytes)))?.ids ?? [] {
                images[ancestor] = images[ancestor] ?? false
            }
        } else if let digest = OwnLayout.digest(ofDerived: key) {
            content.insert(digest)
            if key.name == "data" { content.formUnion(ManifestReferences(of: bytes).all) }
        } else if OwnLayout.isLayerRecord(key) {
            let record = try? JSONFile.decoded(LayerRecord.self, from: bytes)
            content.formUnion([record?.descriptor?.digest].compactMap(\.self))
        }
    }

    private mutating func promote(_ key: ObjectKey) {
        note(key)
        if let digest = V2Layout.digest(ofBlob: key) { promoted.insert(digest) }
    }

    private mutating func note(_ key: ObjectKey) {
        if let digest = V2Layout.digest(ofBlob: key) {
            content.insert(digest)
        } else if let digest = V2Layout.digest(ofRevision: key) {
            content.insert(digest)
            manifests.insert(digest)
        } else if let digest = V2Layout.digest(ofLayer: key) {
            content.insert(digest)
        } else if let (id, _) = V1Layout.imageFile(key) {
            images[id] = images[id] ?? false
        }
    }

    /// All named content, including the content that named manifests name.
    ///
    /// - Parameter storage: The storage of manifests that are not in the batch.
    func closure(in storage: any ObjectStorage) async throws(StorageError) -> Set<Digest> {
        var all = content
        for image in try await allImages(in: storage) { all.insert(image.content) }
        var waiting = manifests.sorted()
        var seen = manifests
        while let digest = waiting.popLast() {
            guard let bytes = try await bytes(of: digest, in: storage) else { continue }
            let references = ManifestReferences(of: bytes)
            all.formUnion(references.all)
            waiting += references.children.sorted().filter { seen.insert($0).inserted }
        }
        return all
    }

    /// The named v1 images, with the ancestors of those that are tagged.
    private func allImages(in storage: any ObjectStorage) async throws(StorageError) -> Set<V1ImageID> {
        var all = Set(images.keys)
        for id in images.filter(\.value).keys.sorted() {
            all.formUnion(try await storage.listedAncestry(of: id) ?? [])
        }
        return all
    }

    /// The objects to require for `content`, which was deleted before the commit, except what the batch itself writes.
    func needs(_ content: [Digest], in storage: any ObjectStorage) async throws(StorageError) -> [ObjectKey] {
        guard !content.isEmpty else { return [] }
        var keys: [Digest: [ObjectKey]] = [:]
        // The layer too: another push may have begun the image again.
        for id in try await allImages(in: storage) { keys[id.content] = [V1Layout.json(id), V1Layout.layer(id)] }
        let written = Set(writtenImages.map(\.content))
        return content.flatMap { digest -> [ObjectKey] in
            let revisions = (taggedRevisions[digest] ?? []).subtracting(links).sorted()
            if brought[digest] != nil || promoted.contains(digest) || written.contains(digest) { return revisions }
            return revisions + (keys[digest] ?? [V2Layout.blobData(digest)])
        }
    }

    private func bytes(of manifest: Digest, in storage: any ObjectStorage) async throws(StorageError) -> ByteBuffer? {
        if let bytes = brought[manifest] { return bytes }
        do { return try await storage.read(V2Layout.blobData(manifest), limit: Manifests.byteLimit) } catch {
            // A blob of a BuildKit cache, or damaged: the content it names is unknown.
            if error.isOfOneObject { return nil }
            throw error
        }
    }
}
