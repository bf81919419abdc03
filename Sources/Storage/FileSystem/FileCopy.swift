import Glibc
import NIOCore

/// A copy of a file to a staging file, in pieces. Each piece is one job on a thread, and cancellation is checked in
/// between.
///
/// It copies the bytes the file had when opened: fewer if the file is truncated meanwhile, but never more.
struct FileCopy: Sendable {
    let source: CopySource
    let storage: FileSystemStorage

    /// The maximum number of bytes copied per job.
    static let pieceByteCount = 8 << 20

    /// Copies the file to a staging file for `destination`, which the caller must commit.
    ///
    /// - Returns: The staging file, and whether it shares its blocks with the source.
    func stage(for destination: ObjectKey) async throws(StorageError) -> (staged: StagedFile, isReflink: Bool) {
        let staged = try await storage.writing(destination) { path throws(SystemError) in
            try StagedFile(for: path, in: storage.directories, calls: storage.calls)
        }
        do {
            if try await clone(to: staged, for: destination) { return (staged, true) }
            try await copyPieces(to: staged, for: destination)
        } catch {
            try await storage.writing(destination) { _ throws(SystemError) in staged.discard() }
            throw error
        }
        return (staged, false)
    }

    private func clone(to staged: StagedFile, for destination: ObjectKey) async throws(StorageError) -> Bool {
        try await storage.writing(destination) { _ throws(SystemError) in
            // Whatever the reason, the copy that follows works or reports its own error.
            do { try staged.file.clone(source.file.file) } catch { return false }
            return true
        }
    }

    private func copyPieces(to staged: StagedFile, for destination: ObjectKey) async throws(StorageError) {
        var offset: Int64 = 0
        while offset < source.status.byteCount {
            if Task.isCancelled { throw .cancelled(writing: destination) }
            let count = try await copyPiece(at: offset, to: staged, for: destination)
            guard count > 0 else { return }
            offset += Int64(count)
        }
    }

    private func copyPiece(
        at offset: Int64,
        to staged: StagedFile,
        for destination: ObjectKey
    ) async throws(StorageError) -> Int {
        let byteCount = Int(min(Int64(Self.pieceByteCount), source.status.byteCount - offset))
        let copied = try await storage.writing(destination) { _ throws(SystemError) in
            // As above. Some file systems also return 0 before the end.
            do { return try staged.file.copyRange(of: source.file.file, at: offset, byteCount: byteCount) } catch {
                return 0
            }
        }
        if copied > 0 { return copied }
        let bytes = try await storage.reading(source.key) { _ throws(SystemError) in
            try source.file.file.read(at: offset, byteCount: byteCount)
        }
        try await storage.writing(destination) { _ throws(SystemError) in try staged.file.write(bytes, at: offset) }
        return bytes.readableBytes
    }
}

extension StorageError {
    /// The error for a cancelled task that was writing `key`.
    static func cancelled(writing key: ObjectKey) -> StorageError { .unwritable(key, reason: "cancelled") }
}

/// A file to be moved, linked or copied.
struct CopySource: Sendable {
    /// The open file.
    let file: OpenedFile
    /// The path of the file.
    let path: String
    /// Its key, for errors.
    let key: ObjectKey

    /// The status at the time of opening.
    var status: FileStatus { file.status }

    /// Opens the file under `key`, and makes its bytes durable before they get a new name.
    ///
    /// - Throws: ``StorageError/absent(_:)`` if there is none, ``StorageError/unreadable(_:reason:)`` if it is not a
    ///   file.
    static func open(_ key: ObjectKey, in storage: FileSystemStorage) async throws(StorageError) -> CopySource {
        let source = try await storage.reading(key) { path throws(SystemError) -> CopySource? in
            guard let file = try storage.openFile(path) else { return nil }
            try storage.lostFiles.sync(file.file, file.status.identity)
            return CopySource(file: file, path: path, key: key)
        }
        guard let source else { throw .absent(key) }
        return source
    }
}
