import Foundation
import NIOCore
import Storage
import SystemLibraries

/// A directory for one test, removed with the last reference to it.
final class ScratchTree: Sendable {
    let path: String

    /// Creates an empty directory.
    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "longshore-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// Creates the tree that docker-registry wrote before the recorded exchanges, as the directory `all`.
    convenience init(unpacking archive: [UInt8]) throws {
        try self.init()
        var decompressor = try Decompressor(.gzip)
        var entries = TarEntryReader()
        var current: (path: String, bytes: [UInt8])?
        try archive.withUnsafeBytes { bytes in
            try decompressor.decompress(bytes) { tar in
                try entries.read(tar) { event in
                    switch event {
                    case .entry(let entry):
                        let name = String(decoding: entry.name, as: UTF8.self)
                        current = nil
                        // The archive contains other trees too.
                        guard name.hasPrefix("./all/") || name.hasPrefix("all/") else { return }
                        if entry.type == UInt8(ascii: "5") {
                            try FileManager.default.createDirectory(
                                atPath: "\(path)/\(name)",
                                withIntermediateDirectories: true
                            )
                        } else {
                            current = ("\(path)/\(name)", [])
                        }
                    case .content(let bytes): current?.bytes += bytes
                    case .end:
                        if let current { try Data(current.bytes).write(to: URL(filePath: current.path)) }
                    }
                }
            }
        }
    }

    deinit {
        TestStore.close(path)
        // A leftover temporary directory does no harm.
        _ = try? FileManager.default.removeItem(atPath: path)
    }

    /// Removes a directory and everything below it, if it exists.
    func removeAll(_ name: String) throws {
        guard contains(name) else { return }
        try TestFiles.default.removeItem(atPath: "\(path)/\(name)")
    }

    /// The bytes of a file below the directory, or nil when there is none.
    func bytes(_ name: String) -> [UInt8]? { TestFiles.default.contents(atPath: "\(path)/\(name)").map(Array.init) }

    /// Writes a file below the directory like another program.
    func write(_ bytes: [UInt8], to name: String) throws {
        try TestFiles.default.write(bytes, toPath: "\(path)/\(name)")
    }

    /// Makes everything below a directory look unchanged for some seconds.
    func age(_ name: String, by seconds: TimeInterval) throws {
        let past = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: -seconds)]
        for file in try TestFiles.default.subpathsOfDirectory(atPath: "\(path)/\(name)") {
            try TestFiles.default.setAttributes(past, ofItemAtPath: "\(path)/\(name)/\(file)")
        }
    }

    /// Whether a file or directory of that name exists.
    func contains(_ name: String) -> Bool { TestFiles.default.fileExists(atPath: "\(path)/\(name)") }

    /// Whether two names refer to one file; in a bucket, which has no links, whether they have the same bytes.
    func areOne(_ name: String, _ other: String) throws -> Bool {
        if TestStore.isBucket { return bytes(name) != nil && bytes(name) == bytes(other) }
        let inodes = try [name, other].map { name in
            try FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")[.systemFileNumber] as? Int
        }
        return inodes[0] != nil && inodes[0] == inodes[1]
    }

    /// Every file below the directory with its bytes, in order of name, except those for which `isLeftOut` is true.
    func snapshot(leavingOut isLeftOut: (String) -> Bool = { _ in false }) throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for name in try TestFiles.default.subpathsOfDirectory(atPath: path) where !isLeftOut(name) {
            files[name] = bytes(name)
        }
        return files
    }
}
