import Conversion
import ImageModel
import NIOCore
import Storage

/// A cache of recently requested blobs: their attributes, and the bytes of small ones.
///
/// As with manifests (``ServedManifests``), a lookup costs one check of the files, or none within the freshness window.
struct ServedBlobs: Sendable {
    private struct Question: Hashable, Sendable {
        let digest: Digest
        let name: RepositoryName
    }

    private let blobs: Blobs
    private let recent: RecentStorage
    private let known: DerivedValues<Question, KnownBlob>

    init(_ recent: RecentStorage, blobs: Blobs) {
        self.blobs = blobs
        self.recent = recent
        self.known = DerivedValues(recent, costLimit: 8 << 20)
    }

    /// Opens a blob of a repository.
    ///
    /// - Parameter isRead: Whether its bytes are needed. If not, the reader may only have its attributes.
    /// - Throws: ``RegistryError/blobUnknown(_:)`` if the repository has no such blob.
    func open(_ digest: Digest, in name: RepositoryName, isRead: Bool) async throws -> any ObjectReader {
        let question = Question(digest: digest, name: name)
        if let blob = try await known.value(for: question), !blobs.checks.isDamaged(digest, blob.attributes) {
            if !isRead || blob.content != nil { return blob }
            return try await blobs.open(digest, in: name)
        }
        let files = [V2Layout.layerLink(digest, in: name), V2Layout.blobData(digest)]
        let sources = try await recent.observe(files)
        let reader = try await blobs.open(digest, in: name)
        known.keep(
            KnownBlob(attributes: reader.attributes, content: reader.content),
            for: question,
            madeFrom: sources,
            cost: 1024 + (reader.content?.readableBytes ?? 0)
        )
        return reader
    }
}

/// A cached blob. Without `content`, it cannot be read.
private struct KnownBlob: ObjectReader {
    let attributes: ObjectAttributes
    let content: ByteBuffer?
    let fileDescriptor: Int32? = nil

    func read(at offset: Int64, byteCount: Int) async throws(StorageError) -> ByteBuffer {
        let end = min(offset + Int64(byteCount), attributes.byteCount)
        guard offset >= 0, offset < end else { return ByteBuffer() }
        return content?.getSlice(at: Int(offset), length: Int(end - offset)) ?? ByteBuffer()
    }
}

/// The empty layer, which v1 clients fetch for every step that changed no files, whether it is stored or not.
struct EmptyLayerReader: ObjectReader {
    let attributes = ObjectAttributes(kind: .object, byteCount: Int64(EmptyLayer.bytes.count), modified: 0)
    let fileDescriptor: Int32? = nil

    func read(at offset: Int64, byteCount: Int) async throws(StorageError) -> ByteBuffer {
        ByteBuffer(bytes: EmptyLayer.bytes.dropFirst(Int(offset)).prefix(byteCount))
    }
}

extension WriteBatch {
    /// Links the empty layer to the repository: old images reference it although it was never pushed.
    mutating func emptyLayer(in name: RepositoryName) {
        blob(ByteBuffer(bytes: EmptyLayer.bytes), as: EmptyLayer.digest)
        link(EmptyLayer.digest, at: V2Layout.layerLink(EmptyLayer.digest, in: name))
    }
}
