import Synchronization

/// The right to write to a root: `flock` on `longshore/lock` below it, held by one process at a time.
///
/// The file says in one line who holds it. The lock is gone when it is released, when the last reference to it is gone,
/// and when the process ends, however it ends; the line may stay behind and means nothing then.
package final class DirectoryLock: Sendable {
    /// The file that is locked.
    package static let key = ObjectKey.root.appending("longshore/lock")

    private let file: Mutex<OpenFile?>
    private let storage: FileSystemStorage

    private init(_ file: consuming OpenFile, storage: FileSystemStorage) {
        self.file = Mutex(file)
        self.storage = storage
    }

    /// Takes the lock of `storage`, at once or not at all, and makes durable what whoever had it before left in memory
    /// alone: what is found to exist may then be acknowledged.
    ///
    /// - Parameter holder: Who takes it, in one line without its end:
    ///   `longshore serve, process 123 on host NAME since TIME`.
    /// - Throws: ``StorageError/locked(path:holder:)`` with the line of whoever has it.
    package static func acquire(
        in storage: FileSystemStorage,
        holder: String
    ) async throws(StorageError) -> DirectoryLock {
        let attempt = try await storage.writing(key) { path throws(SystemError) -> Attempt in
            switch try FileLock.take(path, in: storage) {
            case .held(let holder): return .held(path: path, holder: holder)
            case .taken(let file):
                try FileLock.replace(file, with: holder + "\n")
                // Whoever had it before may have written until now.
                try storage.syncAll()
                return .acquired(DirectoryLock(file, storage: storage))
            }
        }
        switch attempt {
        case .acquired(let lock): return lock
        case .held(let path, let holder): throw .locked(path: path, holder: holder)
        }
    }

    /// Gives the lock back. A second time it does nothing.
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
