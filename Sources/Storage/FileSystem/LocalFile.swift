import Glibc
import NIOCore

/// Access to small local files outside any storage. Blocking; for commands and server startup.
package enum LocalFile {
    /// The maximum number of bytes read.
    private static let byteLimit = 16 << 20

    /// Reads a file.
    package static func read(_ path: String) throws(UnreadableFile) -> [UInt8] {
        do throws(SystemError) { return try bytes(of: path) } catch { throw UnreadableFile(path: path, error) }
    }

    static func bytes(of path: String) throws(SystemError) -> [UInt8] {
        let file = try SystemCalls().open(path, O_RDONLY)
        let byteCount = try file.status().byteCount
        return Array(buffer: try file.read(at: 0, byteCount: min(Int(byteCount), byteLimit)))
    }

    /// Whether anything exists at `path`.
    package static func exists(_ path: String) throws(UnreadableFile) -> Bool {
        do throws(SystemError) { return try SystemCalls().status(of: path) != nil } catch {
            throw UnreadableFile(path: path, error)
        }
    }

    /// Replaces a file's content atomically: readers see the old or the new bytes. Permissions and owner are kept; a
    /// new file gets `mode`, by default accessible only to its owner. A symbolic link is followed.
    package static func replace(
        _ path: String,
        with bytes: [UInt8],
        mode: UInt32 = 0o600
    ) throws(UnwritableFile) {
        do throws(SystemError) { try write(bytes, to: path, mode) } catch { throw UnwritableFile(path: path, error) }
    }

    /// Creates a directory and any missing parents.
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

    /// The target of a symbolic link; the path itself if nothing exists there yet.
    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }
}

extension OpenFile {
    /// Gives the file the owner of another, if that exists. Only root can do this, and only root needs to.
    fileprivate func keepOwner(of path: String) throws(SystemError) {
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        do {
            try calls.make(.setAttributes) { fchown(descriptor, status.st_uid, status.st_gid) }
        } catch let error where error.code == EPERM {}
    }
}

/// The error for a file that cannot be written.
package struct UnwritableFile: Error, CustomStringConvertible {
    /// The path of the file.
    package let path: String
    /// The system's error message.
    package let reason: String

    init(path: String, _ error: SystemError) {
        self.path = path
        self.reason = error.description
    }

    package var description: String { "cannot write \(path): \(reason)" }
}
