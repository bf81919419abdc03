import Synchronization

/// The exclusive permission to write to a root: `flock` on `longshore/lock` below it, held by one process at a time.
///
/// The file names the holder in one line. The lock ends when it is released, when the last reference to it is released,
/// or when the process exits for any reason. A line left behind without a lock means nothing.
package final class DirectoryLock: Sendable {
    /// The locked file.
    package static let key = ObjectKey.root.appending("longshore/lock")

    private let file: Mutex<OpenFile?>
    private let storage: FileSystemStorage

    private init(_ file: consuming OpenFile, storage: FileSystemStorage) {
        self.file = Mutex(file)
        self.storage = storage
    }

    /// Acquires the lock of `storage`, or fails immediately. It also makes durable what the previous holder left only
    /// in memory, so that existing objects can be acknowledged.
    ///
    /// - Parameter holder: A description of the holder, as one line without a line terminator: `longshore serve,
    ///   process 123 on host NAME since TIME`.
    /// - Throws: ``StorageError/locked(path:holder:)`` with the current holder's description.
    package static func acquire(
        in storage: FileSystemStorage,
        holder: String
    ) async throws(StorageError) -> DirectoryLock {
        let attempt = try await storage.writing(key) { path throws(SystemError) -> Attempt in
            switch try FileLock.take(path, in: storage) {
            case .held(let holder): return .held(path: path, holder: holder)
            case .taken(let file):
                try FileLock.replace(file, with: holder + "\n")
                // The previous holder may have written until now.
                try storage.syncAll()
                return .acquired(DirectoryLock(file, storage: storage))
            }
        }
        switch attempt {
        case .acquired(let lock): return lock
        case .held(let path, let holder): throw .locked(path: path, holder: holder)
        }
    }

    /// Whether the locked file is still the one under ``key``.
    package var isInPlace: Bool {
        get async throws(StorageError) {
            try await storage.reading(Self.key) { [self] path throws(SystemError) in
                let current = try storage.calls.status(of: path)?.identity
                let locked = try file.withLock { file throws(SystemError) in
                    if file == nil { return FileStatus.Identity?.none }
                    return try file?.status().identity
                }
                return locked != nil && locked == current
            }
        }
    }

    /// Releases the lock. Further calls do nothing.
    package func release() async throws(StorageError) {
        try await storage.writing(Self.key) { [self] _ throws(SystemError) in
            guard let file = file.withLock({ $0.take() }) else { return }
            try file.truncate(to: 0)
        }
    }

    private enum Attempt: Sendable {
        case acquired(DirectoryLock)
        case held(path: String, holder: String)
    }
}
