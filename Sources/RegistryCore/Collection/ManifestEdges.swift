import ImageModel
import NIOCore
import Storage

/// What manifests name, as far as they were read: their bytes never change, so each is read once in the life of a process.
struct ManifestEdges: Sendable {
    /// One thing that a manifest names.
    enum Edge: Sendable {
        /// A blob.
        case blob(Int)
        /// What an index names, most likely a manifest.
        case child(Int)
        /// What it refers to, and does not keep.
        case subject(Int)
    }

    /// The numbers of all digests.
    var table = DigestTable()
    private var ranges: [UInt32: Range<Int>] = [:]
    /// Two bits for the kind of an edge, the others for its end.
    private var edges: [UInt32] = []

    /// How many manifests were read.
    var manifestCount: Int { ranges.count }

    /// Whether a manifest was read.
    func contains(_ manifest: Int) -> Bool { ranges[UInt32(manifest)] != nil }

    /// What a manifest names; nothing for one that was not read.
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

    /// Notes what a manifest names.
    mutating func add(_ references: ManifestReferences, of manifest: Int) {
        let start = edges.count
        for blob in references.blobs { add(blob, kind: 0) }
        for child in references.children { add(child, kind: 1) }
        if let subject = references.subject { add(subject, kind: 2) }
        ranges[UInt32(manifest)] = start..<edges.count
    }

    private mutating func add(_ digest: Digest, kind: UInt32) {
        edges.append(UInt32(truncatingIfNeeded: table.number(of: digest)) << 2 | kind)
    }
}

/// Reads manifests for a collection: many at a time, and large ones one by one.
struct ManifestReader: Sendable {
    let storage: any ObjectStorage

    /// How many are read in one step.
    static let stepCount = 64
    /// Those of more bytes are read alone.
    private static let smallByteCount = 64 << 10

    /// The bytes under keys; nil where there is nothing.
    ///
    /// - Throws: ``StorageError`` for what is there and cannot be read: nobody knows what it names.
    func read(_ keys: [ObjectKey], limit: Int = Manifests.signedByteLimit) async throws(StorageError) -> [ByteBuffer?] {
        do { return try await storage.read(keys, limit: Self.smallByteCount) } catch {
            guard error.isOfOneObject else { throw error }
        }
        var all: [ByteBuffer?] = []
        for key in keys {
            do { all.append(try await storage.read(key, limit: limit)) } catch {
                // What is larger than any manifest is a blob that an index names.
                guard case .tooLarge = error else { throw error }
                all.append(nil)
            }
        }
        return all
    }

    /// The same, and why they cannot be read.
    func contents(_ keys: [ObjectKey]) async -> ([ByteBuffer?], StorageError?) {
        do { return (try await read(keys), nil) } catch { return ([], error) }
    }
}
