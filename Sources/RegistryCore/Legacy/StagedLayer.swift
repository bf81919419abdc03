import NIOCore
import Storage

/// Bytes that a layer is turned into while it is read: a staging object, made when the first of them come.
actor StagedLayer {
    private let storage: any ObjectStorage
    private let key = OwnLayout.staging.appending("\(UploadID())")
    private var writer: (any ObjectWriter)?
    private var isMade = false

    init(in storage: any ObjectStorage) { self.storage = storage }

    func append(_ bytes: [UInt8]) async throws {
        guard !bytes.isEmpty else { return }
        isMade = true
        let writer =
            if let writer { writer } else { try await storage.append(to: key) }
        self.writer = writer
        try await writer.append(ByteBuffer(bytes: bytes))
    }

    /// Ends it and answers where it is.
    func finish() async throws -> LinkSource {
        try await writer?.close()
        writer = nil
        return LinkSource(key, in: storage)
    }

    /// Leaves nothing of it.
    func discard() async throws {
        try await writer?.close()
        writer = nil
        if isMade { try await storage.remove(key) }
    }
}
