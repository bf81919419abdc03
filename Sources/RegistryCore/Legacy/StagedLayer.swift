import NIOCore
import Storage

/// Bytes that a layer is turned into while it is read: staged when the first of them come.
actor StagedLayer {
    private let storage: any ObjectStorage
    private var staged: (any StagedObject)?

    init(in storage: any ObjectStorage) { self.storage = storage }

    func append(_ bytes: [UInt8]) async throws {
        guard !bytes.isEmpty else { return }
        let staged = try await object()
        try await staged.append(ByteBuffer(bytes: bytes))
    }

    /// The bytes so far.
    func object() async throws -> any StagedObject {
        if let staged { return staged }
        let staged = try await storage.stage(.scratch(isPromoted: true))
        self.staged = staged
        return staged
    }

    /// Leaves nothing of it.
    func discard() async throws { try await staged?.discard() }
}
