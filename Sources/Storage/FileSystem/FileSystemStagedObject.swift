import NIOCore
import Synchronization

/// A staged object whose bytes are in a file, unless there are few.
final class FileSystemStagedObject: StagedObject {
    /// The location of its bytes.
    enum Place {
        case memory(ByteBuffer)
        case file(byteCount: Int64)
    }

    let storage: FileSystemStorage
    let place: ObjectKey
    let savedState: ByteBuffer?
    private let content: Mutex<StagedContent>

    init(_ content: StagedContent, savedState: ByteBuffer? = nil) {
        self.storage = content.storage
        self.place = content.purpose.token.data
        self.savedState = savedState
        self.content = Mutex(content)
    }

    deinit { content.withLock { $0.dropPending() } }

    var byteCount: Int64 { content.withLock { $0.byteCount } }

    func append(_ bytes: ByteBuffer) async throws(StorageError) {
        try storage.refuseUnlessWritable(place)
        if content.withLock({ $0.keep(bytes) }) { return }
        try await changing { content throws(StorageError) in try content.append(bytes) }
    }

    func checkpoint(_ state: ByteBuffer?) async throws(StorageError) {
        if state == nil, content.withLock({ $0.isPutDown }) { return }
        try await changing { content throws(StorageError) in
            try content.putDown()
            if let state { try content.save(state) }
        }
    }

    func rollBack(to byteCount: Int64) async throws(StorageError) {
        let isDone = try content.withLock { content throws(StorageError) in
            guard byteCount >= 0, byteCount <= content.byteCount else {
                throw .unwritable(place, reason: "Invalid argument")
            }
            return content.cutPending(to: byteCount)
        }
        if isDone { return }
        try await changing { content throws(StorageError) in try content.cut(to: byteCount) }
    }

    func reader() async throws(StorageError) -> any ObjectReader {
        if let bytes = content.withLock({ $0.isMade ? nil : $0.pending }) { return MemoryReader(MemoryObject(bytes)) }
        return try await storage.onThread(for: place) { [self] () throws(StorageError) in
            let byteCount = try content.withLock { content throws(StorageError) in
                if content.pending.readableBytes > 0 { try content.flush() }
                return content.byteCount
            }
            let file = try storage.blockingRead(place) { path throws(SystemError) in try storage.openFile(path) }
            guard let file, file.status.byteCount == byteCount else { throw .absent(place) }
            return FileSystemReader(file, key: place, storage: storage)
        }
    }

    func promote(to key: ObjectKey) async throws(StorageError) {
        var batch = WriteBatch()
        batch.promote(self, to: key)
        try await storage.commit(batch)
    }

    func discard() async throws(StorageError) {
        let remains = content.withLock { content in
            content.dropPending()
            content.close()
            return content.remains
        }
        guard !remains.isEmpty else { return }
        try await storage.onThread(for: place) { [self] () throws(StorageError) in
            for key in remains {
                try storage.blockingWrite(key) { path throws(SystemError) in try storage.discard(path) }
            }
        }
    }

    /// The keys to remove to delete it completely.
    var remains: [ObjectKey] { content.withLock { $0.remains } }

    /// The location of all its bytes. Blocks, writes pending bytes, and closes the file.
    func putDown() throws(StorageError) -> Place {
        try content.withLock { content throws(StorageError) in
            guard content.isMade else { return .memory(content.pending) }
            try content.putDown()
            return .file(byteCount: content.byteCount)
        }
    }

    private func changing(
        _ change: @escaping @Sendable (inout StagedContent) throws(StorageError) -> Void
    ) async throws(StorageError) {
        try storage.refuseUnlessWritable(place)
        try await storage.onThread(for: place) { [self] () throws(StorageError) in
            try content.withLock { content throws(StorageError) in try change(&content) }
        }
    }
}
