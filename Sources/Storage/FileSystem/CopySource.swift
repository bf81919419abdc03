/// A file that is about to be moved, linked or copied.
struct CopySource: Sendable {
    /// The open file.
    let file: FileInUse
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
