import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// Puts a v1 image in its place, as docker-registry has it, and its layer among the blobs.
struct V1Completion: Sendable {
    private let storage: any ObjectStorage
    private let tree: V1Tree
    private let blobs: Blobs

    init(parts: RegistryParts) {
        self.storage = parts.storage
        self.blobs = parts.blobs
        self.tree = parts.tree
    }

    /// Completes an image, and makes its layer and the blob of the same bytes one file.
    ///
    /// While `_inprogress` stands, its layer is a file of its own: docker-registry, should it take the directory back,
    /// would write into it.
    /// - Parameter others: What else is committed with it.
    func complete(_ pair: PushedPair, with others: WriteBatch) async throws {
        let image = try V1Image(parsing: pair.json)
        let ancestry = try await ancestry(of: image)
        let checksum = JSONValue.array([.string(pair.checksum.description)]).pythonEncoded()
        var batch = WriteBatch()
        batch.promote(pair.layer.staged, to: V1Layout.layer(image.id))
        // Also what stands there already: while the image was unfinished, nothing of it was made durable.
        batch.put(ByteBuffer(bytes: pair.json), at: V1Layout.json(image.id))
        batch.put(ByteBuffer(bytes: ancestry), at: V1Layout.ancestry(image.id))
        batch.put(ByteBuffer(bytes: checksum), at: V1Layout.checksum(image.id))
        batch.remove(V1Layout.inProgress(image.id))
        if let facts = sharedFacts(of: pair) {
            let (layer, blob) = (V1Layout.layer(image.id), V2Layout.blobData(facts.digest))
            // A blob that is damaged gives its place to the layer, which was hashed as it came.
            if try await blobs.byteCount(of: facts.digest) == facts.byteCount {
                batch.share(blob, as: layer)
            } else {
                batch.share(layer, as: blob)
            }
        }
        batch.append(others)
        try await storage.commit(batch)
    }

    /// What is known of a layer that is a blob too; nil for one that no v2 client can have as it is.
    private func sharedFacts(of pair: PushedPair) -> LayerFacts? {
        guard let facts = pair.layer.facts, facts.compression == .none || facts.compression == .gzip else { return nil }
        return facts
    }

    /// The ancestry of an image whose parent is in the tree: by the parent's file, else by what the images say.
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

    /// Notes what is known of the layer of a complete image, so that nobody reads it again to convert the image.
    func note(_ pair: PushedPair) async throws {
        guard let facts = sharedFacts(of: pair) else { return }
        let image = try V1Image(parsing: pair.json)
        guard let attributes = try await tree.layerAttributes(image.id) else { return }
        let record = LayerRecord(image, attributes, facts, blob: facts.digest, blobByteCount: facts.byteCount)
        try await JSONFile(storage: storage).write(record, to: OwnLayout.layerRecord(image.id))
    }
}
