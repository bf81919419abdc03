import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// Completes a v1 image in docker-registry's layout, and makes its layer a blob.
struct V1Completion: Sendable {
    private let storage: any ObjectStorage
    private let tree: V1Tree
    private let blobs: Blobs

    init(parts: RegistryParts) {
        self.storage = parts.storage
        self.blobs = parts.blobs
        self.tree = parts.tree
    }

    /// Completes an image; its layer and the blob of the same bytes become one file.
    ///
    /// They are linked after `_inprogress` is removed: docker-registry, if it took over the directory, would write into
    /// the layer of an unfinished image.
    ///
    /// - Parameter others: Changes to commit together with it.
    func complete(_ pair: PushedPair, with others: WriteBatch) async throws {
        let image = try V1Image(parsing: pair.json)
        let ancestry = try await ancestry(of: image)
        let checksum = JSONValue.array([.string(pair.checksum.description)]).pythonEncoded()
        var batch = WriteBatch()
        // An image is complete only if its parent is. The parent may have been deleted and begun again by another push.
        if let parent = image.parent { batch.require(V1Layout.layer(parent)) }
        batch.promote(pair.layer.staged, to: V1Layout.layer(image.id))
        // Existing files too: nothing was made durable while the image was unfinished.
        batch.ensure(ByteBuffer(bytes: pair.json), at: V1Layout.json(image.id), wasCache: true)
        batch.ensure(ByteBuffer(bytes: ancestry), at: V1Layout.ancestry(image.id), wasCache: true)
        batch.put(ByteBuffer(bytes: checksum), at: V1Layout.checksum(image.id))
        batch.remove(V1Layout.inProgress(image.id))
        if let facts = sharedFacts(of: pair) {
            let (layer, blob) = (V1Layout.layer(image.id), V2Layout.blobData(facts.digest))
            // A damaged blob is replaced by the layer, which was hashed on arrival.
            if try await blobs.byteCount(of: facts.digest) == facts.byteCount {
                var sharing = batch
                sharing.require(blob, byteCount: facts.byteCount)
                sharing.share(blob, as: layer)
                sharing.append(others)
                // Otherwise it was collected in the meantime, and the pushed bytes are needed.
                if try await commit(sharing, below: image.parent, unlessAbsent: blob) { return }
            }
            batch.share(layer, as: blob)
        }
        batch.append(others)
        try await commit(batch, below: image.parent)
    }

    /// Commits a batch that writes an image.
    ///
    /// - Throws: ``V1Refusal/parentUnknown`` if the parent or one of its ancestors was deleted after it was last seen.
    func commit(_ batch: WriteBatch, below parent: V1ImageID?) async throws {
        guard let parent else { return try await storage.commit(batch) }
        var requiring = WriteBatch()
        requiring.require(V1Layout.json(parent))
        requiring.append(batch)
        do throws(StorageError) { try await storage.commit(requiring) } catch {
            throw error.isOfAbsentV1Image ? RegistryError.v1(.parentUnknown) : error as any Error
        }
    }

    /// Commits a batch, and returns false where an object is absent that it needs.
    private func commit(
        _ batch: WriteBatch,
        below parent: V1ImageID?,
        unlessAbsent needed: ObjectKey
    ) async throws -> Bool {
        do {
            try await commit(batch, below: parent)
            return true
        } catch let error as StorageError where error == .absent(needed) {
            return false
        }
    }

    /// The facts of a layer that is also a blob; nil if v2 clients cannot use it as it is.
    private func sharedFacts(of pair: PushedPair) -> LayerFacts? {
        guard let facts = pair.layer.facts, facts.compression == .none || facts.compression == .gzip else { return nil }
        return facts
    }

    /// The ancestry of an image whose parent is in the tree: from the parent's file, else from the images' JSONs.
    func ancestry(of image: V1Image) async throws -> [UInt8] {
        guard let parent = image.parent else { return try encoded(image, below: nil) }
        if let bytes = try await tree.ancestry(parent), let ids = try? V1Ancestry(parsing: Array(buffer: bytes)),
            ids.ids.first == parent
        {
            return try encoded(image, below: ids)
        }
        let chain: V1Chain
        do {
            chain = try await V1Chain(of: parent, in: tree, checkingAncestry: false)
        } catch is DamagedImage {
            throw RegistryError.v1(.parentUnknown)
        }
        var ancestry: V1Ancestry?
        for ancestor in chain.images { ancestry = try V1Ancestry(of: ancestor.id, below: ancestry) }
        return try encoded(image, below: ancestry)
    }

    private func encoded(_ image: V1Image, below parent: V1Ancestry?) throws -> [UInt8] {
        do {
            return try V1Ancestry(of: image.id, below: parent).encoded
        } catch {
            throw RegistryError.v1(.parentUnknown)
        }
    }

    /// Records the facts of a complete image's layer, so that converting the image does not read it again.
    func note(_ pair: PushedPair) async throws {
        guard let facts = sharedFacts(of: pair) else { return }
        let image = try V1Image(parsing: pair.json)
        guard let attributes = try await tree.layerAttributes(image.id) else { return }
        let record = LayerRecord(image, attributes, facts, blob: facts.digest, blobByteCount: facts.byteCount)
        try await JSONFile(storage: storage).write(record, to: OwnLayout.layerRecord(image.id))
    }
}
