import Glibc
import Synchronization

/// A new file under a staging name, in its destination's directory.
///
/// It must be ended by exactly one of ``commit()``, ``place()`` and ``discard()``; a failed commit has discarded it.
final class StagedFile: Sendable {
    /// The open file.
    let file: OpenFile
    /// Its current path.
    let path: String
    /// Its final path.
    let destination: String
    private let madeDirectories: [String]
    private let directories: DirectoryTree
    private let seenDevice = Mutex<UInt64?>(nil)

    /// Creates an empty file beside `destination`, and any missing directories above it.
    init(for destination: String, in directories: DirectoryTree, calls: SystemCalls) throws(SystemError) {
        let path = FilePath.join(FilePath.parent(of: destination), StagingName.unique())
        var made: [String] = []
        file = try directories.making(path, made: &made) { () throws(SystemError) in
            try calls.open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW)
        }
        madeDirectories = made
        self.path = path
        self.destination = destination
        self.directories = directories
    }

    /// Makes the bytes durable, renames the file to its destination, and makes that durable.
    func commit() throws(SystemError) {
        do {
            try file.sync()
        } catch {
            discard()
            throw error
        }
        let parent = FilePath.parent(of: destination)
        try directories.changing([parent]) { () throws(SystemError) in
            try place()
            try directories.sync(parent)
        }
    }

    /// Renames the file to its destination, without making anything durable.
    func place() throws(SystemError) {
        do {
            try rename()
        } catch {
            discard()
            throw error
        }
    }

    /// The file system of the file and its directory.
    func device() throws(SystemError) -> UInt64 {
        if let device = knownDevice { return device }
        let device = try file.status().identity.device
        seenDevice.withLock { $0 = device }
        return device
    }

    /// The same, if it has been determined before.
    var knownDevice: UInt64? { seenDevice.withLock { $0 } }

    /// Renames the file as a step of a commit. On failure, the caller must discard it.
    func rename() throws(SystemError) { try file.calls.rename(path, to: destination) }

    /// Like ``rename()``; returns whether that replaced an existing file.
    func renameNoting() throws(SystemError) -> Bool { try file.calls.renameNoting(path, to: destination) }

    /// Removes the file under its new name, which did not exist before.
    ///
    /// - Returns: The directories created for it, outermost first.
    func withdraw() -> [String] {
        file.calls.tidy { () throws(SystemError) in try file.calls.unlink(destination) }
        return madeDirectories
    }

    /// Removes the file and the directories created for it.
    func discard() {
        file.calls.tidy { () throws(SystemError) in try file.calls.unlink(path) }
        directories.unmake(madeDirectories)
    }
}

/// The names of files being written, beside their destinations.
///
/// They are in the destination's own directory, because renames are atomic only within one file system, and any
/// directory of the tree may be a mount or a link to another disk. Listings hide them, and nothing can be stored under
/// such a name.
enum StagingName {
    /// The prefix of every such name.
    static let prefix = ".longshore-staging-"

    /// A new unique name.
    static func unique() -> String { prefix + String(UInt64.random(in: .min ... .max), radix: 36) }

    /// Whether `name` is a staging name.
    static func isStaging(_ name: String) -> Bool { name.utf8.starts(with: prefix.utf8) }
}
