import Glibc
import NIOCore

/// A file that one process at a time has locked by `flock`, and that says in its first line which one.
enum FileLock {
    /// What came of an attempt.
    enum Attempt: ~Copyable {
        /// The file is locked for as long as it is open.
        case taken(OpenFile)
        /// By whom it is locked.
        case held(holder: String)
    }

    private static let maximumByteCount = 4096

    /// Locks the file at `path`, which is made if it is not there: at once or not at all.
    static func take(_ path: String, in storage: FileSystemStorage) throws(SystemError) -> Attempt {
        while true {
            var made: [String] = []
            let file = try storage.directories.making(path, made: &made) { () throws(SystemError) in
                try storage.calls.open(path, O_RDWR | O_CREAT)
            }
            do throws(SystemError) {
                try storage.calls.make(.lock, at: path) { flock(file.descriptor, LOCK_EX | LOCK_NB) }
            } catch let error where error.code == EWOULDBLOCK {
                // The process that holds it may not have written its line yet.
                return .held(holder: try lines(of: file).first ?? "another process")
            }
            // Removed between the two calls: another process may already have the lock of the next file.
            if try storage.calls.status(of: path)?.identity == file.status().identity { return .taken(file) }
        }
    }

    /// The lines of a file, without empty ones.
    static func lines(of file: borrowing OpenFile) throws(SystemError) -> [String] {
        let bytes = try file.read(at: 0, byteCount: maximumByteCount)
        return String(buffer: bytes).split(separator: "\n").map(String.init)
    }

    /// Makes `text` the whole content of a file.
    static func replace(_ file: borrowing OpenFile, with text: String) throws(SystemError) {
        try file.truncate(to: 0)
        try file.write(ByteBuffer(string: text), at: 0)
    }
}
