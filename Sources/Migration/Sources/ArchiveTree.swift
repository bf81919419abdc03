import NIOCore
import Storage

/// A read-only tree of files that are stored elsewhere: in memory, or as sections of one other file.
struct ArchiveTree: UnwritableStorage {
    /// The location of a file's bytes.
    enum Content: Sendable {
        case bytes([UInt8])
        case stretch(offset: Int64, byteCount: Int64)
    }

    /// The file that contains the sections.
    let archive: any ObjectReader
    let files: [ObjectKey: Content]
    private let directories: [ObjectKey: Set<ObjectEntry>]

    init(archive: any ObjectReader, files: [ObjectKey: Content]) {
        self.archive = archive
        self.files = files
        var directories: [ObjectKey: Set<ObjectEntry>] = [:]
        for file in files.keys {
            var key = file
            while key != .root {
                directories[key.parent, default: []].insert(ObjectEntry(name: key.name, isDirectory: key != file))
                key = key.parent
            }
        }
        self.directories = directories
    }

    func attributes(of key: ObjectKey) async throws(StorageError) -> ObjectAttributes? {
        if let content = files[key] { return attributes(content) }
        guard directories[key] != nil else { return nil }
        return ObjectAttributes(kind: .directory, byteCount: 0, modified: archive.attributes.modified)
    }

    func read(_ key: ObjectKey, limit: Int) async throws(StorageError) -> ByteBuffer? {
        guard let content = files[key] else { return nil }
        let byteCount = attributes(content).byteCount
        guard byteCount <= Int64(limit) else { throw .tooLarge(key, byteCount: byteCount, limit: limit) }
        return try await reader(content).read(at: 0, byteCount: Int(byteCount))
    }

    func open(_ key: ObjectKey) async throws(StorageError) -> (any ObjectReader)? { files[key].map(reader) }

    func list(_ prefix: ObjectKey, after name: String?, limit: Int) async throws(StorageError) -> [ObjectEntry] {
        let all = (directories[prefix] ?? []).sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        return Array(
            all.drop { entry in name.map { !$0.utf8.lexicographicallyPrecedes(entry.name.utf8) } ?? false }.prefix(
                limit
            )
        )
    }

    private func reader(_ content: Content) -> any ObjectReader {
        ArchiveReader(archive: archive, content: content, attributes: attributes(content))
    }

    private func attributes(_ content: Content) -> ObjectAttributes {
        switch content {
        case .bytes(let bytes):
            ObjectAttributes(kind: .object, byteCount: Int64(bytes.count), modified: archive.attributes.modified)
        case .stretch(let offset, let byteCount):
            ObjectAttributes(
                kind: .object,
                byteCount: byteCount,
                modified: archive.attributes.modified,
                version: archive.attributes.version.part(at: offset, byteCount: byteCount)
            )
        }
    }
}

/// One file of an ``ArchiveTree``.
private struct ArchiveReader: ObjectReader {
    let archive: any ObjectReader
    let content: ArchiveTree.Content
    let attributes: ObjectAttributes

    var fileDescriptor: Int32? { nil }

    func read(at offset: Int64, byteCount: Int) async throws(StorageError) -> ByteBuffer {
        let count = min(Int64(byteCount), attributes.byteCount - offset)
        guard count > 0, offset >= 0 else { return ByteBuffer() }
        switch content {
        case .bytes(let bytes): return ByteBuffer(bytes: bytes[Int(offset)..<Int(offset + count)])
        case .stretch(let start, _): return try await archive.read(at: start + offset, byteCount: Int(count))
        }
    }
}
