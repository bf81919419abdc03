import Glibc
import NIOCore

/// A copy of one file to a staging file, in pieces: each is one turn on a thread, and between two the task may be cancelled.
///
/// It has the bytes that the file had when it was opened: fewer when the file is cut meanwhile, never more.
struct FileCopy: Sendable {
    let source: CopySource
    let storage: FileSystemStorage

    /// How many bytes one turn on a thread copies at most.
    static let pieceByteCount = 8 << 20

    /// Copies the file to a staging file for `destination`, which is still to be committed.
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
            // Whatever the reason, the copy that follows either works or says why it does not.
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
            // As above. Some file systems also answer 0 before the end.
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
    /// The task that was writing `key` was cancelled.
    static func cancelled(writing key: ObjectKey) -> StorageError { .unwritable(key, reason: "it was cancelled") }
}

/// A file that is about to be moved, linked or copied.
struct CopySource: Sendable {
    /// The open file.
    let file: OpenedFile
    /// Where it is.
    let path: String
    /// Its key, for errors.
    let key: ObjectKey

    /// As it was when it was opened.
    var status: FileStatus { file.status }

    /// Opens the file under `key`, and makes its bytes durable: they shall be so before they get a new name.
    ///
    /// - Throws: ``StorageError/absent(_:)`` when there is none, ``StorageError/unreadable(_:reason:)`` when it is no file.
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
