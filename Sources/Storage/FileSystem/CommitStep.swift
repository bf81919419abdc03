import Glibc
import NIOCore

/// A prepared change of a batch: the slow part is done, but nothing is visible yet.
enum CommitStep: Sendable {
    /// Rename a new file from its staging name.
    case name(StagedFile, ObjectKey, WriteBatch.Condition, isDurable: Bool)
    /// The object already has these bytes.
    case keep(ObjectKey, String)
    /// The object has these bytes, but they may not be durable yet.
    case harden(CopySource, ObjectKey)
    /// An object must exist.
    case require(ObjectKey, String, byteCount: Int64?)
    /// Rename an existing file.
    case rename(CopySource, ObjectKey, String)
    /// Link an existing file under a second name.
    case link(from: ObjectKey, String, to: ObjectKey, String)
    case remove(ObjectKey, String, WriteBatch.Condition)
    /// Remove a directory if it is empty.
    case prune(ObjectKey, String)
    case discard(ObjectKey, String)

    /// The key that changes.
    var key: ObjectKey {
        switch self {
        case .name(_, let key, _, _), .keep(let key, _), .harden(_, let key), .require(let key, _, _),
            .rename(_, let key, _),
            .link(_, _, let key, _), .remove(let key, _, _), .prune(let key, _), .discard(let key, _):
            key
        }
    }

    /// The directory whose names change durably; nil if none do.
    var directory: String? {
        switch self {
        case .name(let staged, _, _, let isDurable): isDurable ? FilePath.parent(of: staged.destination) : nil
        case .rename(_, _, let path), .link(_, _, _, let path), .remove(_, let path, _), .prune(_, let path):
            FilePath.parent(of: path)
        case .harden(let file, _): FilePath.parent(of: file.path)
        case .keep, .require, .discard: nil
        }
    }

    /// The file system of its directory, if known: that of the file being named there.
    var knownDevice: UInt64? {
        switch self {
        case .name(let staged, _, _, _): staged.knownDevice
        case .rename(let file, _, _), .harden(let file, _): file.status.identity.device
        case .keep, .require, .link, .remove, .prune, .discard: nil
        }
    }

    /// Whether it only removes a name, so that its directory changes only if the name exists.
    var isRemoval: Bool {
        switch self {
        case .remove, .prune: true
        case .name, .keep, .harden, .require, .rename, .link, .discard: false
        }
    }
}

extension FileSystemStorage {
    /// Writes new objects under staging names, opens files to be renamed, and checks requirements.
    ///
    /// It blocks. On failure it leaves nothing behind.
    func prepare(_ batch: WriteBatch) throws(StorageError) -> [CommitStep] {
        for change in batch.changes { try check(change) }
        var steps: [CommitStep] = []
        do {
            for change in batch.changes { steps += try prepare(change) }
        } catch {
            discard(steps[...])
            throw error
        }
        return steps
    }

    /// Discards prepared steps that will not be performed. It starts with the last, because the first one created the
    /// directories that they share.
    func discard(_ steps: ArraySlice<CommitStep>) {
        for case .name(let staged, _, _, _) in steps.reversed() { staged.discard() }
    }

    /// Fails before anything is changed, as far as that can be determined in advance.
    private func check(_ change: WriteBatch.Change) throws(StorageError) {
        switch change {
        case .put(_, let key, let condition, _), .remove(let key, let condition): try check(condition, of: key)
        case .require(let key, let byteCount): try require(key, byteCount: byteCount)
        case .ensure, .promote, .share, .prune, .discard, .abandon: break
        }
    }

    private func prepare(_ change: WriteBatch.Change) throws(StorageError) -> [CommitStep] {
        switch change {
        case .put(let bytes, let key, let condition, let purpose):
            let staged = try blockingWrite(key) { path throws(SystemError) in
                try stage(bytes, at: path, mode: purpose == .secret ? 0o600 : nil)
            }
            // Many file systems then write the bytes before the name, so that a crash leaves no empty file.
            if purpose == .cache, bytes.readableBytes > 0 { staged.file.beginWriting(0..<Int64(bytes.readableBytes)) }
            return [.name(staged, key, condition, isDurable: purpose != .cache)]
        case .ensure(let bytes, let key, let wasCache):
            if holds(bytes, key) {
                if !wasCache { return [.keep(key, path(of: key))] }
                if let file = try cached(key) { return [.harden(file, key)] }
            }
            let staged = try blockingWrite(key) { path throws(SystemError) in try stage(bytes, at: path) }
            return [.name(staged, key, .any, isDurable: true)]
        case .require(let key, let byteCount): return [.require(key, path(of: key), byteCount: byteCount)]
        case .promote(let staged, let destination): return [try prepare(staged, destination)]
        case .abandon(let staged):
            return try own(staged).remains.map { .discard($0, path(of: $0)) }
        case .share(let source, let destination):
            return [.link(from: source, path(of: source), to: destination, path(of: destination))]
        case .remove(let key, let condition): return [.remove(key, path(of: key), condition)]
        case .prune(let prefix): return [.prune(prefix, path(of: prefix))]
        case .discard(let key): return [.discard(key, path(of: key))]
        }
    }

    /// Prepares a staged object to be named. Bytes in memory become a new file.
    private func prepare(_ staged: any StagedObject, _ destination: ObjectKey) throws(StorageError) -> CommitStep {
        switch try own(staged).putDown() {
        case .memory(let bytes):
            let file = try blockingWrite(destination) { path throws(SystemError) in try stage(bytes, at: path) }
            return .name(file, destination, .any, isDurable: true)
        case .file(let byteCount):
            let (source, path) = (staged.place, path(of: staged.place))
            let file = try blockingRead(source) { path throws(SystemError) in try openFile(path) }
            // Another program may have removed or truncated it: the stored bytes would no longer match the digest.
            guard let file, file.status.byteCount == byteCount else { throw .absent(source) }
            return .rename(CopySource(file: file, path: path, key: source), destination, self.path(of: destination))
        }
    }

    private func own(_ staged: any StagedObject) throws(StorageError) -> FileSystemStagedObject {
        guard let staged = staged as? FileSystemStagedObject, staged.storage === self else {
            throw .unwritable(staged.place, reason: "it is staged in another storage")
        }
        return staged
    }

    /// Fails unless the condition holds.
    func check(_ condition: WriteBatch.Condition, of key: ObjectKey) throws(StorageError) {
        guard condition != .any else { return }
        let status = try blockingRead(key) { path throws(SystemError) in try calls.status(of: path) }
        guard condition.holds(of: status?.attributes.version) else { throw .changed(key) }
    }

    /// Fails unless the object exists.
    func require(_ key: ObjectKey, byteCount: Int64?) throws(StorageError) {
        let status = try blockingRead(key) { path throws(SystemError) in try calls.status(of: path) }
        guard let status, byteCount.map({ $0 == status.byteCount }) ?? true else { throw .absent(key) }
    }

    /// Opens an object that was written as a cache; nil if it has gone since.
    private func cached(_ key: ObjectKey) throws(StorageError) -> CopySource? {
        let path = path(of: key)
        let file = try blockingRead(key) { path throws(SystemError) in try openFile(path) }
        return file.map { CopySource(file: $0, path: path, key: key) }
    }

    private func holds(_ bytes: ByteBuffer, _ key: ObjectKey) -> Bool {
        // An unreadable object is replaced.
        do throws(SystemError) {
            guard case .bytes(bytes) = try readFile(path(of: key), limit: bytes.readableBytes) else { return false }
            return true
        } catch {
            return false
        }
    }
}

/// The progress of a commit through its steps.
struct CommitProgress: Sendable {
    /// How to take back a name that could not be made durable.
    enum Undo: Sendable {
        /// It replaced something that is gone.
        case never
        case withdraw(StagedFile)
        case unlink(String, made: [String])
        case rename(String, to: String, made: [String])
    }

    /// The first step that is not done.
    var next: Int
    /// The directories with names that were changed here and are not durable yet.
    var changed: Set<String> = []
    /// The directories with names that another writer changed and has not yet made durable, but that must become
    /// durable.
    var pending: Set<String> = []
    /// The directories of either set that are on another file system than the root.
    var foreign: Set<String> = []
    /// How to undo the changes to names, in the order they were made.
    var undo: [Undo] = []
    /// Why the next step failed; nil if it has not, or if it only needs a copy.
    var error: StorageError?
    /// Whether the next step cannot be done by renaming or linking: the bytes must be copied.
    var needsCopy = false
}
