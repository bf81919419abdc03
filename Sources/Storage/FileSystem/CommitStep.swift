import Glibc
import NIOCore

/// A change of a batch, prepared: what takes long is done, and nothing of it can be seen.
enum CommitStep: Sendable {
    /// A new file is to get its name.
    case name(StagedFile, ObjectKey, WriteBatch.Condition, isDurable: Bool)
    /// These bytes stand there already.
    case keep(ObjectKey, String)
    /// Something has to be there.
    case require(ObjectKey, String, byteCount: Int64?)
    /// A file is to get another name.
    case rename(CopySource, ObjectKey, String)
    /// A file is to get a second name.
    case link(from: ObjectKey, String, to: ObjectKey, String)
    case remove(ObjectKey, String, WriteBatch.Condition)
    /// A directory is to go if it is empty.
    case prune(ObjectKey, String)
    case discard(ObjectKey, String)

    /// The key that changes.
    var key: ObjectKey {
        switch self {
        case .name(_, let key, _, _), .keep(let key, _), .require(let key, _, _), .rename(_, let key, _),
            .link(_, _, let key, _), .remove(let key, _, _), .prune(let key, _), .discard(let key, _):
            key
        }
    }

    /// The directory in which a name is made or removed durably; nil where none is.
    var directory: String? {
        switch self {
        case .name(let staged, _, _, let isDurable): isDurable ? FilePath.parent(of: staged.destination) : nil
        case .rename(_, _, let path), .link(_, _, _, let path), .remove(_, let path, _), .prune(_, let path):
            FilePath.parent(of: path)
        case .keep, .require, .discard: nil
        }
    }

    /// The file system on which its directory is, if that is known: that of the file which gets a name there.
    var knownDevice: UInt64? {
        switch self {
        case .name(let staged, _, _, _): staged.knownDevice
        case .rename(let file, _, _): file.status.identity.device
        case .keep, .require, .link, .remove, .prune, .discard: nil
        }
    }

    /// Whether it removes a name, should there be one: only then its directory changes.
    var isRemoval: Bool {
        switch self {
        case .remove, .prune: true
        case .name, .keep, .require, .rename, .link, .discard: false
        }
    }
}

extension FileSystemStorage {
    /// Writes the bytes of new objects under staging names, opens what is to be renamed, and looks for what is
    /// required.
    ///
    /// It blocks. On failure nothing is left.
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

    /// Removes what was prepared and is not to be done: the last first, as the first made the directories that all are
    /// in.
    func discard(_ steps: ArraySlice<CommitStep>) {
        for case .name(let staged, _, _, _) in steps.reversed() { staged.discard() }
    }

    /// Refuses a batch before anything of it is done, as far as that can be told.
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
            // Many a file system writes the bytes before the name then, and leaves no empty file behind.
            if purpose == .cache { staged.file.beginWriting(0..<Int64(bytes.readableBytes)) }
            return [.name(staged, key, condition, isDurable: purpose != .cache)]
        case .ensure(let bytes, let key):
            if holds(bytes, key) { return [.keep(key, path(of: key))] }
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

    /// Prepares an object in the making to get its name: bytes that are in memory as those of a new object.
    private func prepare(_ staged: any StagedObject, _ destination: ObjectKey) throws(StorageError) -> CommitStep {
        switch try own(staged).putDown() {
        case .memory(let bytes):
            let file = try blockingWrite(destination) { path throws(SystemError) in try stage(bytes, at: path) }
            return .name(file, destination, .any, isDurable: true)
        case .file(let byteCount):
            let (source, path) = (staged.place, path(of: staged.place))
            let file = try blockingRead(source) { path throws(SystemError) in try openFile(path) }
            // Another program may have taken it away, or cut it: what was hashed is not what would be stored.
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

    /// Makes sure that a condition holds.
    func check(_ condition: WriteBatch.Condition, of key: ObjectKey) throws(StorageError) {
        guard condition != .any else { return }
        let status = try blockingRead(key) { path throws(SystemError) in try calls.status(of: path) }
        guard condition.holds(of: status?.attributes.version) else { throw .changed(key) }
    }

    /// Makes sure that an object is there.
    func require(_ key: ObjectKey, byteCount: Int64?) throws(StorageError) {
        let status = try blockingRead(key) { path throws(SystemError) in try calls.status(of: path) }
        guard let status, byteCount.map({ $0 == status.byteCount }) ?? true else { throw .absent(key) }
    }

    private func holds(_ bytes: ByteBuffer, _ key: ObjectKey) -> Bool {
        // What cannot be read is replaced.
        do throws(SystemError) {
            guard case .bytes(bytes) = try readFile(path(of: key), limit: bytes.readableBytes) else { return false }
            return true
        } catch {
            return false
        }
    }
}

/// What a commit has made of its steps so far.
struct CommitProgress: Sendable {
    /// How a name is taken back, should it not become durable.
    enum Undo: Sendable {
        /// What stood there is gone.
        case never
        case withdraw(StagedFile)
        case unlink(String, made: [String])
        case rename(String, to: String, made: [String])
    }

    /// The first step that is not done.
    var next: Int
    /// The directories in which names were made or removed and are not durable yet.
    var changed: Set<String> = []
    /// The directories in which names must be durable that another writer has made or removed, and is not done with.
    var pending: Set<String> = []
    /// Those of both that are on another file system than the root.
    var foreign: Set<String> = []
    /// The names in the order in which they were made or removed.
    var undo: [Undo] = []
    /// Why the next step could not be done; nil when it can be done in another way, and when there is none.
    var error: StorageError?
    /// Whether the next step cannot be done by a name alone: its bytes have to be copied.
    var needsCopy = false
}
