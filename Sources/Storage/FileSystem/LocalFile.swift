import Glibc
import NIOCore

/// A small file of the operator's, outside of any storage: by calls that block, for commands and the start of a server.
package enum LocalFile {
    /// The most bytes that are read.
    private static let byteLimit = 16 << 20

    /// The bytes of a file.
    package static func read(_ path: String) throws(UnreadableFile) -> [UInt8] {
        do throws(SystemError) { return try bytes(of: path) } catch { throw UnreadableFile(path: path, error) }
    }

    static func bytes(of path: String) throws(SystemError) -> [UInt8] {
        let file = try SystemCalls().open(path, O_RDONLY)
        let byteCount = try file.status().byteCount
        return Array(buffer: try file.read(at: 0, byteCount: min(Int(byteCount), byteLimit)))
    }

    /// Whether anything stands under the path.
    package static func exists(_ path: String) throws(UnreadableFile) -> Bool {
        do throws(SystemError) { return try SystemCalls().status(of: path) != nil } catch {
            throw UnreadableFile(path: path, error)
        }
    }

    /// Makes these the bytes of a file, all at once: whoever reads it finds the old ones or the new ones. Permissions and
    /// owner stay; a new file has those of `mode`, by default for its owner alone. A symbolic link stays one.
    package static func replace(
        _ path: String,
        with bytes: [UInt8],
        mode: UInt32 = 0o600
    ) throws(UnwritableFile) {
        do throws(SystemError) { try write(bytes, to: path, mode) } catch { throw UnwritableFile(path: path, error) }
    }

    /// Makes a directory, and those above it that are not there.
    package static func makeDirectory(_ path: String) throws(UnwritableFile) {
        let calls = SystemCalls()
        do throws(SystemError) {
            var end = path.startIndex
            while end != path.endIndex {
                let next = path.index(after: end)
                end = path[next...].firstIndex(of: "/") ?? path.endIndex
                let part = String(path[..<end])
                guard try calls.status(of: part) == nil else { continue }
                try calls.makeDirectory(part)
            }
        } catch { throw UnwritableFile(path: path, error) }
    }

    private static func write(_ bytes: [UInt8], to path: String, _ mode: UInt32) throws(SystemError) {
        let calls = SystemCalls()
        let target = resolved(path)
        let staging = "\(target).\(getpid()).new"
        let old = try calls.status(of: target)
        let file = try calls.open(staging, O_WRONLY | O_CREAT | O_EXCL)
        do throws(SystemError) {
            try file.setMode(old?.mode ?? mode)
            try file.keepOwner(of: target)
            try file.write(ByteBuffer(bytes: bytes), at: 0)
            try file.sync()
            try calls.rename(staging, to: target)
        } catch {
            calls.tidy { () throws(SystemError) in try calls.unlink(staging) }
            throw error
        }
        let slash = target.lastIndex(of: "/")
        try calls.syncDirectory(slash.map { $0 == target.startIndex ? "/" : String(target[..<$0]) } ?? ".")
    }

    /// Where a symbolic link leads; the path itself where nothing stands there yet.
    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }
}

extension OpenFile {
    /// Gives the file the owner of another, if there is one: only root can, and others need not.
    fileprivate func keepOwner(of path: String) throws(SystemError) {
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        do {
            try calls.make(.setAttributes) { fchown(descriptor, status.st_uid, status.st_gid) }
        } catch let error where error.code == EPERM {}
    }
}

/// A file that cannot be written.
package struct UnwritableFile: Error, CustomStringConvertible {
    /// Which one.
    package let path: String
    /// What the system says of it.
    package let reason: String

    init(path: String, _ error: SystemError) {
        self.path = path
        self.reason = error.description
    }

    package var description: String { "\(path) cannot be written: \(reason)" }
}
