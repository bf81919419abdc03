import ImageModel
import NIOCore
import Storage

/// The content that the changes of a batch name: what a collector must not delete while they are made.
struct NamedContent: Sendable {
    /// Blobs and manifests that are written, linked, shared or required.
    private(set) var content: Set<Digest> = []
    /// Those of them that are manifests of a repository: what they name is named too.
    private(set) var manifests: Set<Digest> = []
    /// The bytes of blobs that the batch brings itself.
    private var brought: [Digest: ByteBuffer] = [:]
    /// The blobs that it brings, whose bytes are not at hand.
    private var promoted: Set<Digest> = []
    /// The links that it writes.
    private(set) var links: [ObjectKey] = []

    /// Whether the batch brings the bytes of a blob.
    func brings(_ digest: Digest) -> Bool { brought[digest] != nil || promoted.contains(digest) }

    init(of batch: WriteBatch) {
        for change in batch.changes {
            switch change {
            case .put(let bytes, let key, _, _), .ensure(let bytes, let key): note(bytes, at: key)
            case .require(let key, _): note(key)
            case .promote(_, let key): bring(key)
            case .share(let source, let key):
                note(source)
                bring(key)
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
        } else if let digest = OwnLayout.digest(ofDerived: key) {
            content.insert(digest)
            if key.name == "data" { content.formUnion(ManifestReferences(of: bytes).all) }
        } else if OwnLayout.isLayerRecord(key) {
            let record = try? JSONFile.decoded(LayerRecord.self, from: bytes)
            content.formUnion([record?.descriptor?.digest].compactMap(\.self))
        }
    }

    private mutating func bring(_ key: ObjectKey) {
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
        }
    }

    /// All that is named, with what the manifests among it name.
    ///
    /// - Parameter storage: Where manifests are that the batch does not bring.
    func closure(in storage: any ObjectStorage) async throws(StorageError) -> Set<Digest> {
        var all = content
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

    private func bytes(of manifest: Digest, in storage: any ObjectStorage) async throws(StorageError) -> ByteBuffer? {
        if let bytes = brought[manifest] { return bytes }
        do { return try await storage.read(V2Layout.blobData(manifest), limit: Manifests.byteLimit) } catch {
            // A blob of a BuildKit cache, or damaged: nothing is known of what it names.
            if error.isOfOneObject { return nil }
            throw error
        }
    }
}
