import Foundation
import NIOCore
import NIOFoundationCompat

@testable import Storage

/// Changes of a store's files by another program: named after Foundation's calls, and applied to a bucket's objects
/// where the store is one (``TestStore``).
struct TestFiles: Sendable {
    static let `default` = TestFiles()

    private var files: FileManager { .default }

    /// The bytes of a file; nil when there is none.
    func contents(atPath path: String) -> Data? {
        guard let (bucket, key) = TestStore.place(of: path) else { return files.contents(atPath: path) }
        return bucket.bytes(of: key)
    }

    /// Writes a file, and creates the directories above it.
    func write(_ bytes: some Sequence<UInt8>, toPath path: String) throws {
        if let (bucket, key) = TestStore.place(of: path) { return bucket.put(ByteBuffer(bytes: bytes), at: key) }
        let file = URL(filePath: path)
        try files.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        // In place, as old registries write.
        try Data(bytes).write(to: file)
    }

    /// Overwrites the beginning of an existing file.
    func overwrite(_ bytes: some Sequence<UInt8>, atPath path: String) throws {
        guard TestStore.place(of: path) == nil else { return try write(bytes, toPath: path) }
        let handle = try FileHandle(forWritingTo: URL(filePath: path))
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: Data(bytes))
        try handle.close()
    }

    /// Appends bytes to an existing file.
    func append(_ bytes: some Sequence<UInt8>, toPath path: String) throws {
        guard TestStore.place(of: path) == nil else {
            return try write((contents(atPath: path) ?? Data()) + Data(bytes), toPath: path)
        }
        let handle = try FileHandle(forWritingTo: URL(filePath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(bytes))
        try handle.close()
    }

    /// Whether a file or directory exists.
    func fileExists(atPath path: String) -> Bool {
        guard let (bucket, key) = TestStore.place(of: path) else { return files.fileExists(atPath: path) }
        return !bucket.keys(of: key).isEmpty
    }

    /// Removes a file, or a directory with everything below it.
    func removeItem(atPath path: String) throws {
        guard let (bucket, key) = TestStore.place(of: path) else { return try files.removeItem(atPath: path) }
        guard fileExists(atPath: path) else { throw CocoaError(.fileNoSuchFile) }
        for key in bucket.keys(of: key) { bucket.discard(key) }
    }

    /// Copies a file, or a directory with everything below it.
    func copyItem(atPath source: String, toPath destination: String) throws {
        guard TestStore.place(of: source) != nil || TestStore.place(of: destination) != nil else {
            return try files.copyItem(atPath: source, toPath: destination)
        }
        if let bytes = contents(atPath: source) { return try write(bytes, toPath: destination) }
        for name in try subpathsOfDirectory(atPath: source) {
            if let bytes = contents(atPath: "\(source)/\(name)") { try write(bytes, toPath: "\(destination)/\(name)") }
        }
    }

    /// The names in a directory.
    func contentsOfDirectory(atPath path: String) throws -> [String] {
        guard TestStore.place(of: path) != nil else { return try files.contentsOfDirectory(atPath: path) }
        let names = try subpathsOfDirectory(atPath: path)
        return Array(Set(names.map { String($0.prefix { $0 != "/" }) }))
    }

    /// The paths of all files below a directory; for a real one, of the directories below it as well.
    func subpathsOfDirectory(atPath path: String) throws -> [String] {
        guard let (bucket, prefix) = TestStore.place(of: path) else {
            return try files.subpathsOfDirectory(atPath: path)
        }
        let start = prefix == .root ? 0 : prefix.description.count + 1
        return bucket.keys(of: prefix).filter { $0 != prefix }.map { String($0.description.dropFirst(start)) }
    }

    /// Sets a file's modification time.
    func setAttributes(_ attributes: [FileAttributeKey: Date], ofItemAtPath path: String) throws {
        guard let (bucket, key) = TestStore.place(of: path) else {
            return try files.setAttributes(attributes, ofItemAtPath: path)
        }
        guard let date = attributes[.modificationDate] else { return }
        bucket.setModified(Int64(date.timeIntervalSince1970 * 1_000_000_000), of: key)
    }
}

extension MemoryBucket {
    fileprivate func bytes(of key: ObjectKey) -> Data? {
        request { $0.object(key).map { Data(buffer: $0.bytes) } }
    }

    fileprivate func keys(of key: ObjectKey) -> [ObjectKey] { request { $0.keys(of: key) } }
    fileprivate func put(_ bytes: ByteBuffer, at key: ObjectKey) { request { $0.put(bytes, at: key) } }
    fileprivate func discard(_ key: ObjectKey) { request { _ = $0.remove(key) } }
    fileprivate func setModified(_ modified: Int64, of key: ObjectKey) {
        request { $0.object(key)?.setModified(modified) }
    }
}
