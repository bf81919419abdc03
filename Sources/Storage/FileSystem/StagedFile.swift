import Glibc
import Synchronization

/// A new file under a staging name, in the directory where it will end.
///
/// Exactly one of ``commit()``, ``place()`` and ``discard()`` ends it; a commit that fails has discarded it.
final class StagedFile: Sendable {
    /// The bytes so far.
    let file: OpenFile
    /// Where it is now.
    let path: String
    /// Where it will be.
    let destination: String
    private let madeDirectories: [String]
    private let directories: DirectoryTree
    private let seenDevice = Mutex<UInt64?>(nil)

    /// Makes an empty file beside `destination`, and the directories that are missing above it.
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

    /// Makes the bytes durable, gives the file its name, and makes that durable.
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

    /// Gives the file its name, and makes nothing durable.
    func place() throws(SystemError) {
        do {
            try rename()
        } catch {
            discard()
            throw error
        }
    }

    /// The file system that the file is on, and its directory.
    func device() throws(SystemError) -> UInt64 {
        if let device = knownDevice { return device }
        let device = try file.status().identity.device
        seenDevice.withLock { $0 = device }
        return device
    }

    /// The same, where it was asked for before.
    var knownDevice: UInt64? { seenDevice.withLock { $0 } }

    /// Gives the file its name, as a step of a commit: whoever fails discards it.
    func rename() throws(SystemError) { try file.calls.rename(path, to: destination) }

    /// The same; answers whether that replaced what stood there.
    func renameNoting() throws(SystemError) -> Bool { try file.calls.renameNoting(path, to: destination) }

    /// Takes the name back that the file got where there was none, and with it the file.
    ///
    /// - Returns: The directories that were made for it, the outermost first.
    func withdraw() -> [String] {
        file.calls.tidy { () throws(SystemError) in try file.calls.unlink(destination) }
        return madeDirectories
    }

    /// Removes the file, and the directories that were made for it.
    func discard() {
        file.calls.tidy { () throws(SystemError) in try file.calls.unlink(path) }
        directories.unmake(madeDirectories)
    }
}

/// The names of files that are being written, beside the place where they will end.
///
/// They are in the destination's own directory, because a rename is atomic within one file system alone, and any
/// directory of the tree may be a mount or a link to another disk. No listing shows them, and nothing can be stored
/// under such a name.
enum StagingName {
    /// What every such name begins with.
    static let prefix = ".longshore-staging-"

    /// A name that no other writer has.
    static func unique() -> String { prefix + String(UInt64.random(in: .min ... .max), radix: 36) }

    /// Whether `name` is one.
    static func isStaging(_ name: String) -> Bool { name.utf8.starts(with: prefix.utf8) }
}
