import Glibc
package import NIOPosix
import Synchronization

/// Objects as files below one directory.
///
/// A key is a path. Symbolic links to directories and files are followed, so that a tree can be put on another disk;
/// nothing is created through a dangling link. New files and directories get the permissions the umask allows.
/// - A commit writes staging files beside their destinations, syncs them, renames each, and syncs every directory that
///   gained or lost a name. Concurrent commits share their syncs.
/// - A name that begins with `.longshore-staging-` is not an object, and is rejected as one.
package final class FileSystemStorage: ObjectStorage {
    /// How a storage is opened.
    package enum Access: Sendable {
        /// All writes are refused.
        case readOnly
        /// A missing root is created, durably, with the directories above it.
        case readWrite
    }

    /// The root directory, as given by the caller.
    package let root: String
    /// Whether all writes are refused.
    package let isReadOnly: Bool

    let calls: SystemCalls
    let directories: DirectoryTree
    let sharedSync: SharedSync
    /// The syncs shared between commits; nil if unsupported.
    let groupSync: GroupSync?
    let lostFiles = LostFiles()
    let stagingMemory = StagingMemory()
    /// Locked while a fresh copy replaces a file that has reached its link limit.
    let replacement = Mutex(())
    /// Watches whether the root is still the directory that was opened.
    package let rootWatch: RootWatch
    private let blocking: BlockingCalls

    /// Hard links are assumed: whether they work shows when one is created.
    package let traits = StorageTraits(
        sharesBytes: true,
        prefixesHaveVersions: true,
        foreignWritersTruncate: true,
        conditions: .versions,
        isShared: false
    )

    package var executor: (any TaskExecutor)? { blocking.executor }

    private init(root: String, calls: SystemCalls, blocking: BlockingCalls, writing tools: WritingTools?) {
        self.root = root
        self.isReadOnly = tools == nil
        self.calls = calls
        directories = tools?.directories ?? DirectoryTree(calls: calls)
        sharedSync = tools?.sharedSync ?? SharedSync()
        groupSync = tools?.groupSync
        self.blocking = blocking
        rootWatch = RootWatch(root)
    }

    /// Opens the directory at `root`.
    ///
    /// - Throws: ``StorageError/unusableRoot(path:reason:)`` if it is missing, not a directory, or inaccessible.
    package static func open(
        root: String,
        access: Access,
        threadPool: NIOThreadPool
    ) async throws(StorageError) -> FileSystemStorage {
        try await open(root: root, access: access, threadPool: threadPool, calls: SystemCalls())
    }

    static func open(
        root: String,
        access: Access,
        threadPool: NIOThreadPool,
        calls: SystemCalls,
        sharingSyncsUnder slowness: Duration = SharedSync.slowness
    ) async throws(StorageError) -> FileSystemStorage {
        let root = FilePath.trimmed(root)
        let blocking = BlockingCalls(pool: threadPool)
        return try await blocking.run(for: .root) { () throws(StorageError) in
            do throws(SystemError) {
                switch access {
                case .readOnly:
                    try prepareForReading(root, calls)
                    return FileSystemStorage(root: root, calls: calls, blocking: blocking, writing: nil)
                case .readWrite:
                    let tools = try prepareForWriting(root, calls, blocking, slowness)
                    return FileSystemStorage(root: root, calls: calls, blocking: blocking, writing: tools)
                }
            } catch {
                throw .unusableRoot(path: root, reason: error.description)
            }
        }
    }

    private static func prepareForReading(_ root: String, _ calls: SystemCalls) throws(SystemError) {
        guard let status = try calls.status(of: root) else { throw SystemError(call: .status, code: ENOENT) }
        guard status.kind == .directory else { throw SystemError(call: .status, code: ENOTDIR) }
        try calls.make(.status) { faccessat(AT_FDCWD, root, R_OK | X_OK, AT_EACCESS) }
    }

    private static func prepareForWriting(
        _ root: String,
        _ calls: SystemCalls,
        _ blocking: BlockingCalls,
        _ slowness: Duration
    ) throws(SystemError) -> WritingTools {
        let directories = DirectoryTree(calls: calls)
        if try calls.status(of: root) == nil {
            let made = try directories.make(root)
            do {
                try directories.sync(root)
            } catch {
                directories.unmake(made)
                throw error
            }
        }
        let directory = try calls.open(root, O_RDONLY | O_DIRECTORY)
        try calls.make(.status) { faccessat(AT_FDCWD, root, R_OK | W_OK | X_OK, AT_EACCESS) }
        let shared = SharedSync(slowness: slowness)
        let group = try GroupSync(directory, blocking: blocking, shared: shared)
        return WritingTools(directories: directories, sharedSync: shared, groupSync: group)
    }

    /// The members that only a writable storage has.
    private struct WritingTools {
        let directories: DirectoryTree
        let sharedSync: SharedSync
        let groupSync: GroupSync?
    }

    /// Makes durable what an earlier process left only in memory, so that existing objects can be acknowledged.
    func syncAll() throws(SystemError) {
        let directory = try calls.open(root, O_RDONLY | O_DIRECTORY)
        try directory.syncFileSystem()
        let device = try directory.status().identity.device
        for entry in try DirectoryListing(of: root, followsLink: true, calls: calls).entries {
            try syncTree(FilePath.join(root, entry.name), unlessOn: device)
        }
    }

    /// Syncs a tree if it is a mount or link to another disk. A tree that cannot be entered contains nothing of ours.
    private func syncTree(_ path: String, unlessOn device: UInt64) throws(SystemError) {
        do {
            guard let status = try calls.status(of: path), status.kind == .directory else { return }
            if status.identity.device == device { return }
            try calls.open(path, O_RDONLY | O_DIRECTORY).syncFileSystem()
        } catch let error where error.code == ELOOP || error.code == EACCES {}
    }

    /// The number of bytes that this process may still write; nil if unknown.
    package var freeByteCount: Int64? {
        get async {
            let root = root
            return try? await onThread(for: .root) { Disk(holding: root).freeByteCount }
        }
    }

    /// The path of the object under `key`.
    func path(of key: ObjectKey) -> String {
        key == .root ? root : FilePath.join(root, key.description)
    }

    /// Runs `body` on the path of `key`, on a thread that may block. Failures become failures to read `key`.
    func reading<Value: Sendable>(
        _ key: ObjectKey,
        _ body: @escaping @Sendable (String) throws(SystemError) -> Value
    ) async throws(StorageError) -> Value {
        let path = path(of: key)
        return try await onThread(for: key) { () throws(StorageError) in
            do throws(SystemError) { return try body(path) } catch { throw StorageError(reading: key, error) }
        }
    }

    /// Runs `body` on a thread that may block; `key` identifies it in errors.
    ///
    /// - Throws: ``StorageError/unusableRoot(path:reason:)`` if the root was replaced, even while `body` ran.
    func onThread<Value: Sendable>(
        for key: ObjectKey,
        _ body: @escaping @Sendable () throws(StorageError) -> Value
    ) async throws(StorageError) -> Value {
        let watch = rootWatch
        return try await blocking.run(for: key) { () throws(StorageError) in
            try watch.check()
            let result = Result { () throws(StorageError) in try body() }
            try watch.check()
            return try result.get()
        }
    }

    /// Runs blocking `body` on the path of `key` immediately. Failures become failures to read `key`.
    func blockingRead<Value>(
        _ key: ObjectKey,
        _ body: (String) throws(SystemError) -> Value
    ) throws(StorageError) -> Value {
        do throws(SystemError) { return try body(path(of: key)) } catch { throw StorageError(reading: key, error) }
    }

    /// Runs blocking `body` on the path of `key` immediately. Failures become failures to write `key`.
    func blockingWrite<Value>(
        _ key: ObjectKey,
        _ body: (String) throws(SystemError) -> Value
    ) throws(StorageError) -> Value {
        do throws(SystemError) { return try body(path(of: key)) } catch { throw StorageError(writing: key, error) }
    }

    func refuseUnlessWritable(_ key: ObjectKey) throws(StorageError) {
        if isReadOnly { throw .readOnly(key) }
        if StagingName.isStaging(key.name) { throw .unwritable(key, reason: "the name is reserved") }
    }

    /// Runs `body` on the path of `key`, on a thread that may block. Failures become failures to write `key`.
    func writing<Value: Sendable>(
        _ key: ObjectKey,
        _ body: @escaping @Sendable (String) throws(SystemError) -> Value
    ) async throws(StorageError) -> Value {
        try refuseUnlessWritable(key)
        let path = path(of: key)
        return try await onThread(for: key) { () throws(StorageError) in
            do throws(SystemError) { return try body(path) } catch { throw StorageError(writing: key, error) }
        }
    }
}
