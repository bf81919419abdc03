import Glibc
import NIOCore
import Synchronization

/// The bytes of an object in the making: in memory as long as they are few and there was no checkpoint, then in a file.
///
/// What works on the file blocks.
struct StagedContent: Sendable {
    /// A file that is being written to, closed with the last reference.
    private final class OpenedFile: Sendable {
        let file: OpenFile
        init(_ file: consuming OpenFile) { self.file = file }
    }

    let storage: FileSystemStorage
    let purpose: StagingPurpose
    /// Whether there is a file.
    private(set) var isMade = false
    /// What was appended and is not in the file yet.
    private(set) var pending = ByteBuffer()
    /// How many bytes are in the file.
    private var writtenByteCount: Int64 = 0
    /// Whether a checkpoint has saved a state.
    private var hasState = false
    private var file: OpenedFile?

    /// No bytes, and no file.
    init(_ purpose: StagingPurpose, in storage: FileSystemStorage) {
        self.purpose = purpose
        self.storage = storage
    }

    /// A file that has so many bytes.
    init(resuming token: StagingToken, byteCount: Int64, hasState: Bool, in storage: FileSystemStorage) {
        self.init(.resumable(token), in: storage)
        self.isMade = true
        self.writtenByteCount = byteCount
        self.hasState = hasState
    }

    private var key: ObjectKey { purpose.token.data }

    var byteCount: Int64 { writtenByteCount + Int64(pending.readableBytes) }

    /// Whether nothing is in memory, and the file closed.
    var isPutDown: Bool { isMade && pending.readableBytes == 0 && file == nil }

    /// What is to be removed where nothing shall be left: what is known of a directory before the directory, which need
    /// not be read then.
    var remains: [ObjectKey] {
        guard isMade else { return [] }
        let token = purpose.token
        let places = token.directory.map { purpose.notes.keys + [$0] } ?? [token.data]
        return places + (hasState ? [token.state].compactMap(\.self) : [])
    }

    /// Keeps bytes in memory, if there is room for them.
    mutating func keep(_ bytes: ByteBuffer) -> Bool {
        guard file == nil, pending.readableBytes + bytes.readableBytes <= StagingMemory.objectByteCount,
            storage.stagingMemory.take(bytes.readableBytes)
        else { return false }
        pending.writeImmutableBuffer(bytes)
        return true
    }

    /// Cuts the bytes that are in memory; answers false when the file is to be cut.
    mutating func cutPending(to end: Int64) -> Bool {
        guard end >= writtenByteCount else { return false }
        let rest = Int(byteCount - end)
        pending.moveWriterIndex(to: pending.writerIndex - rest)
        storage.stagingMemory.giveBack(rest)
        return true
    }

    /// Forgets what is in memory.
    mutating func dropPending() {
        storage.stagingMemory.giveBack(pending.readableBytes)
        pending = ByteBuffer()
    }

    /// Adds bytes to the file.
    mutating func append(_ bytes: ByteBuffer) throws(StorageError) {
        try flush()
        try write(bytes, try opened())
    }

    /// Brings what is in memory into the file, and makes that where there is none.
    mutating func flush() throws(StorageError) {
        let file = try opened()
        guard pending.readableBytes > 0 else { return }
        try write(pending, file)
        dropPending()
    }

    /// Leaves nothing in memory, and the file closed.
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

    /// Cuts the file. A state that was saved is gone first: it may be of other bytes than those that come now.
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
            // What was written of it lies past the end: whoever goes on behind a restart would take it for bytes.
            storage.calls.tidy { () throws(SystemError) in try file.file.truncate(to: end) }
            throw StorageError(writing: key, error)
        }
        writtenByteCount = end + Int64(bytes.readableBytes)
        guard purpose.isPromoted else { return }
        let start = end / Self.flushByteCount * Self.flushByteCount
        if writtenByteCount - start >= Self.flushByteCount { file.file.beginWriting(start..<writtenByteCount) }
    }

    /// After so many bytes the system is asked to write them to the disk: an upload is made durable at its end, and by
    /// then the disk should be done with most of it.
    private static let flushByteCount: Int64 = 8 << 20

    private mutating func opened() throws(StorageError) -> OpenedFile {
        if let file { return file }
        let file = isMade ? try reopened() : try made()
        self.file = file
        isMade = true
        return file
    }

    /// The file behind a checkpoint.
    private func reopened() throws(StorageError) -> OpenedFile {
        let file = try storage.blockingWrite(key) { path throws(SystemError) -> OpenedFile? in
            let file = try storage.calls.absent { () throws(SystemError) in
                OpenedFile(try storage.calls.open(path, O_WRONLY))
            }
            // Another program may have taken bytes away: what was acknowledged is not what would be stored.
            guard let file, case let present = try file.file.status().byteCount, present >= writtenByteCount else {
                return nil
            }
            // One that died in the midst of a write may have left bytes that were never acknowledged.
            if present > writtenByteCount { try file.file.truncate(to: writtenByteCount) }
            return file
        }
        guard let file else { throw .absent(key) }
        return file
    }

    /// A new file, behind what is to stand beside it.
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
                    // O_EXCL: a symbolic link that dangles is not written through.
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

    /// Writes a small file that needs not outlive a loss of power.
    ///
    /// - Parameter isNew: Whether it is not there, as far as is known.
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
        // Not emptied before: many a file system waits for the disk when such a file is closed.
        let byteCount = Int64(bytes.readableBytes)
        if try file.status().byteCount > byteCount { try file.truncate(to: byteCount) }
    }
}

/// The memory in which staged objects keep their first bytes: so much for all of them together.
final class StagingMemory: Sendable {
    /// How many bytes of one object are kept before they go to a file.
    static let objectByteCount = 256 << 10

    private let free: Atomic<Int>

    init(byteCount: Int = 32 << 20) { free = Atomic(byteCount) }

    /// Takes so many bytes, and returns false when they are not free.
    func take(_ byteCount: Int) -> Bool {
        if free.subtract(byteCount, ordering: .relaxed).newValue >= 0 { return true }
        giveBack(byteCount)
        return false
    }

    /// Gives back what was taken.
    func giveBack(_ byteCount: Int) { free.add(byteCount, ordering: .relaxed) }
}
