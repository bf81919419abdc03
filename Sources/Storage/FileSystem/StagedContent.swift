import Glibc
import NIOCore
import Synchronization

/// The bytes of a staged object: in memory while they are few and before the first checkpoint, then in a file.
///
/// Operations on the file block.
struct StagedContent: Sendable {
    /// A file open for writing, closed when the last reference is released.
    private final class OpenedFile: Sendable {
        let file: OpenFile
        init(_ file: consuming OpenFile) { self.file = file }
    }

    let storage: FileSystemStorage
    let purpose: StagingPurpose
    /// Whether the file exists.
    private(set) var isMade = false
    /// Appended bytes that are not in the file yet.
    private(set) var pending = ByteBuffer()
    /// The number of bytes in the file.
    private var writtenByteCount: Int64 = 0
    /// Whether a checkpoint has saved a state.
    private var hasState = false
    private var file: OpenedFile?

    /// Creates empty content without a file.
    init(_ purpose: StagingPurpose, in storage: FileSystemStorage) {
        self.purpose = purpose
        self.storage = storage
    }

    /// Resumes a file of `byteCount` bytes.
    init(resuming token: StagingToken, byteCount: Int64, hasState: Bool, in storage: FileSystemStorage) {
        self.init(.resumable(token), in: storage)
        self.isMade = true
        self.writtenByteCount = byteCount
        self.hasState = hasState
    }

    private var key: ObjectKey { purpose.token.data }

    var byteCount: Int64 { writtenByteCount + Int64(pending.readableBytes) }

    /// Whether nothing is in memory and the file is closed.
    var isPutDown: Bool { isMade && pending.readableBytes == 0 && file == nil }

    /// The keys to remove to delete everything. Known files come before their directory, which then need not be listed.
    var remains: [ObjectKey] {
        guard isMade else { return [] }
        let token = purpose.token
        let places = token.directory.map { purpose.notes.keys + [$0] } ?? [token.data]
        return places + (hasState ? [token.state].compactMap(\.self) : [])
    }

    /// Keeps bytes in memory if there is room.
    mutating func keep(_ bytes: ByteBuffer) -> Bool {
        guard file == nil, pending.readableBytes + bytes.readableBytes <= StagingMemory.objectByteCount,
            storage.stagingMemory.take(bytes.readableBytes)
        else { return false }
        pending.writeImmutableBuffer(bytes)
        return true
    }

    /// Truncates the bytes in memory; returns false if the file must be truncated instead.
    mutating func cutPending(to end: Int64) -> Bool {
        guard end >= writtenByteCount else { return false }
        let rest = Int(byteCount - end)
        pending.moveWriterIndex(to: pending.writerIndex - rest)
        storage.stagingMemory.giveBack(rest)
        return true
    }

    /// Drops the bytes in memory.
    mutating func dropPending() {
        storage.stagingMemory.giveBack(pending.readableBytes)
        pending = ByteBuffer()
    }

    /// Appends bytes to the file.
    mutating func append(_ bytes: ByteBuffer) throws(StorageError) {
        try flush()
        try write(bytes, try opened())
    }

    /// Writes the bytes in memory to the file, creating it if necessary.
    mutating func flush() throws(StorageError) {
        let file = try opened()
        guard pending.readableBytes > 0 else { return }
        try write(pending, file)
        dropPending()
    }

    /// Writes everything to the file and closes it.
    mutating func putDown() throws(StorageError) {
        if !isMade || pending.readableBytes > 0 { try flush() }
        close()
    }

    /// Closes the file.
    mutating func close() { file = nil }

    /// Saves the state of a checkpoint.
    mutating func save(_ state: ByteBuffer) throws(StorageError) {
        guard let key = purpose.token.state else { return }
        var made: [String] = []
        try storage.blockingWrite(key) { path throws(SystemError) in try put(state, at: path, &made, isNew: false) }
        hasState = true
    }

    /// Truncates the file. A saved state is removed first, because it may describe bytes that will be overwritten.
    mutating func cut(to end: Int64) throws(StorageError) {
        if hasState, let key = purpose.token.state {
            try storage.blockingWrite(key) { path throws(SystemError) in try storage.discard(path) }
            hasState = false
        }
        let file = try opened()
        try storage.blockingWrite(key) { _ throws(SystemError) in try file.file.truncate(to: end) }
        dropPending()
        writtenByteCount = end
    }

    private mutating func write(_ bytes: ByteBuffer, _ file: OpenedFile) throws(StorageError) {
        let end = writtenByteCount
        do throws(SystemError) { try file.file.write(bytes, at: end) } catch {
            // Partially written bytes lie past the end: after a restart they would be taken for content.
            storage.calls.tidy { () throws(SystemError) in try file.file.truncate(to: end) }
            throw StorageError(writing: key, error)
        }
        writtenByteCount = end + Int64(bytes.readableBytes)
        guard purpose.isPromoted else { return }
        let start = end / Self.flushByteCount * Self.flushByteCount
        if writtenByteCount - start >= Self.flushByteCount { file.file.beginWriting(start..<writtenByteCount) }
    }

    /// After this many bytes the kernel is asked to write them to disk. An upload is made durable at its end, and most
    /// of it should be on disk by then.
    private static let flushByteCount: Int64 = 8 << 20

    private mutating func opened() throws(StorageError) -> OpenedFile {
        if let file { return file }
        let file = isMade ? try reopened() : try made()
        self.file = file
        isMade = true
        return file
    }

    /// Reopens the file after a checkpoint.
    private func reopened() throws(StorageError) -> OpenedFile {
        let file = try storage.blockingWrite(key) { path throws(SystemError) -> OpenedFile? in
            let file = try storage.calls.absent { () throws(SystemError) in
                OpenedFile(try storage.calls.open(path, O_WRONLY))
            }
            // Another program may have truncated it: the stored bytes would not be those acknowledged.
            guard let file, case let present = try file.file.status().byteCount, present >= writtenByteCount else {
                return nil
            }
            // A process that died during a write may have left bytes that were never acknowledged.
            if present > writtenByteCount { try file.file.truncate(to: writtenByteCount) }
            return file
        }
        guard let file else { throw .absent(key) }
        return file
    }

    /// Creates the file, after writing the notes beside it.
    private func made() throws(StorageError) -> OpenedFile {
        return try storage.blockingWrite(key) { path throws(SystemError) in
            var directories: [String] = []
            var names: [String] = []
            do throws(SystemError) {
                for (key, note) in purpose.notes {
                    names.append(storage.path(of: key))
                    try put(note, at: storage.path(of: key), &directories, isNew: true)
                }
                let file = try storage.directories.making(path, made: &directories) { () throws(SystemError) in
                    // O_EXCL: never write through a dangling symbolic link.
                    try storage.calls.open(path, O_WRONLY | O_CREAT | O_EXCL)
                }
                return OpenedFile(file)
            } catch {
                for name in names { storage.calls.tidy { () throws(SystemError) in try storage.calls.unlink(name) } }
                storage.directories.unmake(directories)
                throw error
            }
        }
    }

    /// Writes a small file that need not survive a power loss.
    ///
    /// - Parameter isNew: Whether it probably does not exist yet.
    private func put(
        _ bytes: ByteBuffer,
        at path: String,
        _ made: inout [String],
        isNew: Bool
    ) throws(SystemError) {
        let file = try storage.directories.making(path, made: &made) { () throws(SystemError) in
            try storage.calls.open(path, O_WRONLY | O_CREAT | (isNew ? O_TRUNC : 0))
        }
        try file.write(bytes, at: 0)
        if isNew { return }
        // Not truncated first: many file systems flush such a file to disk when it is closed.
        let byteCount = Int64(bytes.readableBytes)
        if try file.status().byteCount > byteCount { try file.truncate(to: byteCount) }
    }
}

/// The memory shared by all staged objects for their first bytes.
final class StagingMemory: Sendable {
    /// The maximum number of bytes kept in memory per object before they go to a file.
    static let objectByteCount = 256 << 10

    private let free: Atomic<Int>

    init(byteCount: Int = 32 << 20) { free = Atomic(byteCount) }

    /// Takes `byteCount` bytes; returns false if they are not available.
    func take(_ byteCount: Int) -> Bool {
        if free.subtract(byteCount, ordering: .relaxed).newValue >= 0 { return true }
        giveBack(byteCount)
        return false
    }

    /// Returns memory that was taken.
    func giveBack(_ byteCount: Int) { free.add(byteCount, ordering: .relaxed) }
}
