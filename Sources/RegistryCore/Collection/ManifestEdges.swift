import ImageModel
import NIOCore
import Storage

/// The references of the manifests read so far. A manifest's bytes never change, so each is read once
/// (``StoredEdges``).
struct ManifestEdges: Sendable {
    /// A reference from a manifest.
    enum Edge: Sendable {
        /// A blob.
        case blob(Int)
        /// An entry of an index, most likely a manifest.
        case child(Int)
        /// The subject of the manifest, which the reference does not keep alive.
        case subject(Int)
    }

    /// The numbers of all digests.
    var table = DigestTable()
    private var ranges: [UInt32: Range<Int>] = [:]
    /// Two bits for the kind of a reference, the rest for the number of its target.
    private var edges: [UInt32] = []

    /// The manifests that were read and are not in the storage yet.
    var unsaved: [Int] = []

    /// The manifests read, in order.
    var manifests: [Int] { ranges.keys.sorted().map(Int.init) }

    /// The number of manifests read.
    var manifestCount: Int { ranges.count }

    /// Whether a manifest has been read.
    func contains(_ manifest: Int) -> Bool { ranges[UInt32(manifest)] != nil }

    /// The references of a manifest; empty if it has not been read.
    func edges(of manifest: Int) -> [Edge] {
        guard let range = ranges[UInt32(manifest)] else { return [] }
        return edges[range].map { edge in
            let number = Int(edge >> 2)
            switch edge & 3 {
            case 0: return .blob(number)
            case 1: return .child(number)
            default: return .subject(number)
            }
        }
    }

    /// Records the references of a manifest, in an order that does not depend on the process.
    mutating func add(_ references: ManifestReferences, of manifest: Int) {
        let start = edges.count
        for blob in references.blobs.sorted() { add(blob, kind: 0) }
        for child in references.children.sorted() { add(child, kind: 1) }
        if let subject = references.subject { add(subject, kind: 2) }
        ranges[UInt32(manifest)] = start..<edges.count
        unsaved.append(manifest)
    }

    /// Records references that were stored.
    mutating func add(stored references: [(kind: UInt32, digest: Digest)], of manifest: Int) {
        guard !contains(manifest) else { return }
        let start = edges.count
        for (kind, digest) in references { add(digest, kind: kind) }
        ranges[UInt32(manifest)] = start..<edges.count
    }

    private mutating func add(_ digest: Digest, kind: UInt32) {
        edges.append(UInt32(truncatingIfNeeded: table.number(of: digest)) << 2 | kind)
    }
}

/// Reads manifests for a collection: many at a time, large ones individually.
struct ManifestReader: Sendable {
    let storage: any ObjectStorage

    /// The number of manifests to read in one step.
    static let stepCount = 64
    /// Manifests larger than this are read individually.
    private static let smallByteCount = 64 << 10

    /// The bytes under each key; nil if there is no object, or one too large to be a manifest.
    ///
    /// - Throws: ``StorageError`` if an object exists but cannot be read: the content it names is unknown.
    func read(_ keys: [ObjectKey], limit: Int = Manifests.signedByteLimit) async throws(StorageError) -> [ByteBuffer?] {
        do { return try await storage.read(keys, limit: Self.smallByteCount) } catch {
            guard error.isOfOneObject else { throw error }
        }
        var all: [ByteBuffer?] = []
        for key in keys {
            do { all.append(try await storage.read(key, limit: limit)) } catch {
                // Too large for a manifest: it is a blob that an index names.
                guard case .tooLarge = error else { throw error }
                all.append(nil)
            }
        }
        return all
    }

    /// Like ``read(_:limit:)``, but returns the error.
    func contents(_ keys: [ObjectKey]) async -> ([ByteBuffer?], StorageError?) {
        do { return (try await read(keys), nil) } catch { return ([], error) }
    }
}
