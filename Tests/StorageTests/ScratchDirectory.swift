import Foundation
import Testing

/// A new directory for one test, removed with everything below it by ``remove()``.
struct ScratchDirectory {
    let path: String

    /// Creates one in `parent`, by default the directory for temporary files.
    init(in parent: String = NSTemporaryDirectory()) throws {
        path = URL(filePath: parent).appending(path: "longshore-storage-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    /// The path of `name` in it.
    func path(_ name: String) -> String { "\(path)/\(name)" }

    /// Creates the file `name` in it, bypassing any storage.
    func makeFile(_ name: String) throws { try Data("x".utf8).write(to: URL(filePath: path(name))) }

    /// Every name below it, with a slash after directories, in order.
    func names() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: path).map { name in
            var isDirectory: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: self.path(name), isDirectory: &isDirectory)
            return isDirectory.boolValue ? name + "/" : name
        }.sorted()
    }

    /// The inode number of `name`.
    func inode(_ name: String) throws -> UInt64 {
        let attributes = try FileManager.default.attributesOfItem(atPath: path(name))
        return try #require(attributes[.systemFileNumber] as? UInt64)
    }

    /// Removes it.
    func remove() throws { try FileManager.default.removeItem(atPath: path) }
}
