import Glibc
package import NIOCore
import Synchronization

/// A file of a storage open for appending.
///
/// It tracks the end itself instead of asking the kernel, so that an append is one call.
package final class FileSystemWriter: FileWriter {
    private let file: Mutex<OpenFile?>
    private let end: Atomic<Int64>
    /// Whether the file's name was made durable.
    private let hasDurableName = Atomic(false)
    private let key: ObjectKey
    private let storage: FileSystemStorage

    /// Whether a sync has failed: the kernel would not report it again.
    private let isLost = Atomic(false)

    /// Whether the file will be gone before the kernel would write it to disk.
    private let isTemporary: Bool

    init(
        _ file: consuming OpenFile,
        byteCount: Int64,
        key: ObjectKey,
        storage: FileSystemStorage,
        isTemporary: Bool
    ) {
        self.isTemporary = isTemporary
        self.file = Mutex(file)
        self.end = Atomic(byteCount)
        self.key = key
        self.storage = storage
    }

    package var byteCount: Int64 { end.load(ordering: .acquiring) }

    package func append(_ bytes: ByteBuffer) async throws(StorageError) {
        try await changing { [isTemporary] file, end throws(SystemError) in
            do throws(SystemError) {
                try file.write(bytes, at: end)
            } catch {
                // Partially written bytes lie past the end: a reader would see them, and the next append might not
                // cover them.
                file.calls.tidy { () throws(SystemError) in try file.truncate(to: end) }
                throw error
            }
            let newEnd = end + Int64(bytes.readableBytes)
            let start = end / Self.flushByteCount * Self.flushByteCount
            if !isTemporary, newEnd - start >= Self.flushByteCount { file.beginWriting(start..<newEnd) }
            return newEnd
        }
    }

    /// After this many bytes the kernel is asked to write them to disk. An upload is made durable at its end, and most
    /// of it should be on disk by then.
    private static let flushByteCount: Int64 = 8 << 20

    package func truncate(to byteCount: Int64) async throws(StorageError) {
        try await changing { file, end throws(SystemError) in
            guard byteCount >= 0, byteCount <= end else { throw SystemError(call: .truncate, code: EINVAL) }
            try file.truncate(to: byteCount)
            return byteCount
        }
    }

    package func sync() async throws(StorageError) {
        try await changing { [self] file, end throws(SystemError) in
            guard !isLost.load(ordering: .acquiring) else { throw SystemError(call: .syncFile, code: EIO) }
            do throws(SystemError) {
                try file.sync()
            } catch {
                isLost.store(true, ordering: .releasing)
                throw error
            }
            return end
        }
        guard !hasDurableName.load(ordering: .acquiring) else { return }
        try await storage.writing(key) { [storage] path throws(SystemError) in
            try storage.directories.sync(FilePath.parent(of: path))
        }
        hasDurableName.store(true, ordering: .releasing)
    }

    package func close() async throws(StorageError) {
        try await storage.writing(key) { [self] _ throws(SystemError) in
            file.withLock { $0 = nil }
        }
    }

    /// Runs `change` on the open file and its end, on a thread that may block. `change` returns the new end.
    private func changing(
        _ change: @escaping @Sendable (borrowing OpenFile, Int64) throws(SystemError) -> Int64
    ) async throws(StorageError) {
        try await storage.writing(key) { [self] _ throws(SystemError) in
            try file.withLock { file throws(SystemError) in
                switch file {
                case .some(let file):
                    end.store(try change(file, end.load(ordering: .acquiring)), ordering: .releasing)
                case nil: throw SystemError(call: .write, code: EBADF)
                }
            }
        }
    }
}
