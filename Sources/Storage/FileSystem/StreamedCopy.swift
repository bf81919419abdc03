import NIOCore

/// A copy of an object from another kind of storage to a file, in pieces.
struct StreamedCopy: Sendable {
    let source: LinkSource
    let storage: FileSystemStorage

    /// The maximum number of bytes in memory.
    static let pieceByteCount = 1 << 20

    /// Copies the object to `destination`.
    ///
    /// - Throws: ``StorageError/absent(_:)`` if the source does not exist.
    func make(_ destination: ObjectKey) async throws(StorageError) {
        guard let reader = try await source.storage.open(source.key) else { throw .absent(source.key) }
        let staged = try await storage.writing(destination) { path throws(SystemError) in
            try StagedFile(for: path, in: storage.directories, calls: storage.calls)
        }
        do {
            try await copyPieces(of: reader, to: staged, for: destination)
        } catch {
            try await storage.writing(destination) { _ throws(SystemError) in staged.discard() }
            throw error
        }
        try await storage.writing(destination) { _ throws(SystemError) in try staged.commit() }
    }

    private func copyPieces(
        of reader: any ObjectReader,
        to staged: StagedFile,
        for destination: ObjectKey
    ) async throws(StorageError) {
        var offset: Int64 = 0
        while offset < reader.attributes.byteCount {
            if Task.isCancelled { throw .cancelled(writing: destination) }
            let bytes = try await reader.read(at: offset, byteCount: Self.pieceByteCount)
            guard bytes.readableBytes > 0 else { return }
            let position = offset
            try await storage.writing(destination) { _ throws(SystemError) in
                try staged.file.write(bytes, at: position)
            }
            offset += Int64(bytes.readableBytes)
        }
    }
}
