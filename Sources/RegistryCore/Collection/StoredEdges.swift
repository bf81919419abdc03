import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// The references of manifests, kept in the storage, so that a collector in another process reads only new manifests.
///
/// A part is a text with one line for each manifest: its digest, then those of the blobs, the entries and the subject it
/// names, after `b`, `c` and `s`. Its name is its SHA-256: a damaged part is ignored, and its manifests are read again.
struct StoredEdges: Sendable {
    let storage: any ObjectStorage

    /// The number of parts from which on all are written anew as few.
    private static let partLimit = 16
    /// The size of a part in bytes; its last line may exceed it.
    private static let partByteCount = 4 << 20
    /// The maximum size of a part in bytes.
    private static let byteLimit = 16 << 20

    /// Adds the stored references to `edges`.
    func load(into edges: inout ManifestEdges) async throws(StorageError) {
        for entry in try await storage.list(OwnLayout.edges) where !entry.isDirectory {
            guard let bytes = try await part(OwnLayout.edges.appending(entry.name)),
                Digest(.sha256, of: bytes.readableBytesView).hex == entry.name
            else { continue }
            for line in bytes.readableBytesView.split(separator: UInt8(ascii: "\n")) { edges.add(parsing: line) }
        }
    }

    private func part(_ key: ObjectKey) async throws(StorageError) -> ByteBuffer? {
        do { return try await storage.read(key, limit: Self.byteLimit) } catch {
            if error.isOfOneObject { return nil }
            throw error
        }
    }

    /// Stores references that are not in the storage yet.
    ///
    /// - Parameter isLive: Whether a manifest still exists. The references of others are removed at times.
    func save(_ edges: inout ManifestEdges, isLive: (Int) -> Bool) async throws(StorageError) {
        guard !edges.unsaved.isEmpty else { return }
        let present = try await storage.list(OwnLayout.edges).map { OwnLayout.edges.appending($0.name) }
        let isCompacting = present.count >= Self.partLimit
        var written: Set<ObjectKey> = []
        var part = ByteBuffer()
        for manifest in isCompacting ? edges.manifests.filter(isLive) : edges.unsaved {
            guard let line = edges.line(of: manifest) else { continue }
            part.writeString(line)
            guard part.readableBytes >= Self.partByteCount else { continue }
            written.insert(try await write(part))
            part = ByteBuffer()
        }
        if part.readableBytes > 0 { written.insert(try await write(part)) }
        edges.unsaved = []
        guard isCompacting else { return }
        var batch = WriteBatch()
        for key in present where !written.contains(key) { batch.remove(key) }
        try await storage.commit(batch)
    }

    private func write(_ part: ByteBuffer) async throws(StorageError) -> ObjectKey {
        let key = OwnLayout.edges.appending(Digest(.sha256, of: part.readableBytesView).hex)
        try await storage.write(part, to: key, as: .cache)
        return key
    }
}

extension OwnLayout {
    /// The prefix of the references of manifests; the number is the version of their format and of their meaning.
    static let edges = collection.appending("edges/1")
}

extension ManifestEdges {
    /// The line of a manifest; nil if a digest is not a SHA-256.
    fileprivate func line(of manifest: Int) -> String? {
        guard let name = table.digest(manifest), name.algorithm == .sha256 else { return nil }
        var line = name.hex
        for edge in edges(of: manifest) {
            let (kind, number) =
                switch edge {
                case .blob(let number): ("b", number)
                case .child(let number): ("c", number)
                case .subject(let number): ("s", number)
                }
            guard let digest = table.digest(number), digest.algorithm == .sha256 else { return nil }
            line += " \(kind)\(digest.hex)"
        }
        return line + "\n"
    }

    /// Adds the references in a line, unless the manifest was read.
    fileprivate mutating func add(parsing line: some Collection<UInt8>) {
        var references: [(kind: UInt32, digest: Digest)] = []
        let words = line.split(separator: UInt8(ascii: " "))
        guard let first = words.first, let manifest = Self.digest(first) else { return }
        for word in words.dropFirst() {
            guard let digest = Self.digest(word.dropFirst()) else { return }
            switch word.first {
            case UInt8(ascii: "b"): references.append((0, digest))
            case UInt8(ascii: "c"): references.append((1, digest))
            case UInt8(ascii: "s"): references.append((2, digest))
            default: return
            }
        }
        add(stored: references, of: table.number(of: manifest))
    }

    private static func digest(_ word: some Collection<UInt8>) -> Digest? {
        try? Digest(.sha256, hex: String(decoding: word, as: UTF8.self))
    }
}
