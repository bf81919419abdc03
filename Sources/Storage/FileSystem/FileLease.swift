import Glibc
import NIOCore
import Synchronization

/// A lease on a file system: a locked file with its holder in the first line and its term in the last.
final class FileLease: StorageLease {
    let term: UInt64
    private let key: ObjectKey
    private let file: Mutex<OpenFile?>
    private let storage: FileSystemStorage

    private init(_ file: consuming OpenFile, term: UInt64, key: ObjectKey, storage: FileSystemStorage) {
        self.file = Mutex(file)
        self.term = term
        self.key = key
        self.storage = storage
    }

    /// Acquires the lease, and makes its term durable.
    static func take(_ key: ObjectKey, at path: String, for holder: String, in storage: FileSystemStorage)
        throws(SystemError) -> Attempt
    {
        switch try FileLock.take(path, in: storage) {
        case .held(let holder): return .held(holder: holder)
        case .taken(let file):
            let last = try FileLock.lines(of: file).last.flatMap { UInt64($0) } ?? 0
            let term = last.clampedAdding(1)
            try FileLock.replace(file, with: "\(holder)\n\(term)\n")
            try file.sync()
            try storage.directories.sync(FilePath.parent(of: path))
            return .taken(FileLease(file, term: term, key: key, storage: storage))
        }
    }

    enum Attempt: Sendable {
        case taken(FileLease)
        case held(holder: String)
    }

    func release() async throws(StorageError) {
        try await storage.writing(key) { [self] _ throws(SystemError) in
            file.withLock { $0 = nil }
        }
    }
}

extension FileSystemStorage {
    package func lease(_ key: ObjectKey, for holder: String) async throws(StorageError) -> any StorageLease {
        let attempt = try await writing(key) { [self] path throws(SystemError) in
            try FileLease.take(key, at: path, for: holder, in: self)
        }
        switch attempt {
        case .taken(let lease): return lease
        case .held(let holder): throw .locked(path: path(of: key), holder: holder)
        }
    }
}

/// The current boot of the system: data not synced may be lost by the next one.
package enum SystemBoot {
    /// A text that changes with every boot (random(4)); empty if unavailable.
    package static let id: String = {
        do {
            let file = try SystemCalls().open("/proc/sys/kernel/random/boot_id", O_RDONLY)
            return String(buffer: try file.read(at: 0, byteCount: 64)).filter { !$0.isWhitespace }
        } catch {
            return ""
        }
    }()
}
