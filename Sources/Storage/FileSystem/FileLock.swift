import Glibc
import NIOCore

/// A file locked with `flock` by one process at a time. Its first line names the holder.
enum FileLock {
    /// The result of an attempt to lock.
    enum Attempt: ~Copyable {
        /// Locked for as long as the file stays open.
        case taken(OpenFile)
        /// Locked by another process.
        case held(holder: String)
    }

    private static let maximumByteCount = 4096

    /// Locks the file at `path`, creating it if necessary, or fails immediately.
    static func take(_ path: String, in storage: FileSystemStorage) throws(SystemError) -> Attempt {
        while true {
            var made: [String] = []
            let file = try storage.directories.making(path, made: &made) { () throws(SystemError) in
                try storage.calls.open(path, O_RDWR | O_CREAT)
            }
            do throws(SystemError) {
                try storage.calls.make(.lock, at: path) { flock(file.descriptor, LOCK_EX | LOCK_NB) }
            } catch let error where error.code == EWOULDBLOCK {
                // The holder may not have written its line yet.
                return .held(holder: try lines(of: file).first ?? "another process")
            }
            // If the file was removed between the two calls, another process may hold the lock of its successor.
            if try storage.calls.status(of: path)?.identity == file.status().identity { return .taken(file) }
        }
    }

    /// The non-empty lines of a file.
    static func lines(of file: borrowing OpenFile) throws(SystemError) -> [String] {
        let bytes = try file.read(at: 0, byteCount: maximumByteCount)
        return String(buffer: bytes).split(separator: "\n").map(String.init)
    }

    /// Replaces the content of a file with `text`.
    static func replace(_ file: borrowing OpenFile, with text: String) throws(SystemError) {
        try file.truncate(to: 0)
        try file.write(ByteBuffer(string: text), at: 0)
    }
}
