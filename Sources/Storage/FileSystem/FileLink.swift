import Glibc
import Synchronization

/// Makes a file an object under a second key: by a hard link, or by the next best means.
///
/// Whether links work is found out by creating one: `st_dev` is the same for two bind mounts that cannot be linked
/// across, and `fs.protected_hardlinks` rejects files of other users.
struct FileLink: Sendable {
    /// The file, in this or another storage.
    let source: LinkSource
    /// The storage that contains the file.
    let origin: FileSystemStorage
    let destination: ObjectKey
    /// The storage that receives the new name.
    let storage: FileSystemStorage

    private enum Attempt: Sendable {
        case made(LinkOutcome)
        case refused(CopyReason)
        case sourceIsGone
    }

    /// Links the file, or copies it if `policy` demands it or linking is impossible.
    func make(allowing policy: LinkPolicy) async throws(StorageError) -> LinkOutcome {
        let file = try await CopySource.open(source.key, in: origin)
        switch policy {
        case .copy:
            if try await isAlreadyThere(file) { return .alreadyThere }
            return try await copy(file, because: .requested)
        case .hardLink:
            switch try await attempt(file) {
            case .made(let outcome): return outcome
            case .sourceIsGone: throw .absent(source.key)
            case .refused(.tooManyLinks) where origin.root == storage.root: return try await linkFreshCopy(of: file)
            case .refused(let reason): return try await copy(file, because: reason)
            }
        }
    }

    /// Replaces a file that has reached its link limit by a fresh copy, and links to that.
    private func linkFreshCopy(of file: CopySource) async throws(StorageError) -> LinkOutcome {
        let (fresh, _) = try await FileCopy(source: file, storage: storage).stage(for: source.key)
        try await storage.writing(source.key) { path throws(SystemError) in
            try storage.replacement.withLock { _ throws(SystemError) in
                do throws(SystemError) {
                    // Another writer may have done the same meanwhile: the blob is stored only once.
                    guard try storage.calls.status(of: path)?.identity == file.status.identity else {
                        return fresh.discard()
                    }
                    try fresh.file.setAttributes(like: file.status)
                } catch {
                    fresh.discard()
                    throw error
                }
                try fresh.commit()
            }
        }
        let file = try await CopySource.open(source.key, in: origin)
        switch try await attempt(file) {
        case .made(.hardLink): return .freshCopyLinked
        case .made(let outcome): return outcome
        case .sourceIsGone: throw .absent(source.key)
        case .refused(let reason): return try await copy(file, because: reason)
        }
    }

    private func copy(_ file: CopySource, because reason: CopyReason) async throws(StorageError) -> LinkOutcome {
        let (staged, isReflink) = try await FileCopy(source: file, storage: storage).stage(for: destination)
        try await storage.writing(destination) { _ throws(SystemError) in try staged.commit() }
        return isReflink ? .reflink(because: reason) : .copy(because: reason)
    }

    private func isAlreadyThere(_ file: CopySource) async throws(StorageError) -> Bool {
        try await storage.writing(destination) { path throws(SystemError) in
            try isSame(file, at: path)
        }
    }

    private func isSame(_ file: CopySource, at path: String) throws(SystemError) -> Bool {
        guard try storage.calls.status(of: path)?.identity == file.status.identity else { return false }
        try storage.directories.ensureDurable(FilePath.parent(of: path))
        return true
    }

    private func attempt(_ file: CopySource) async throws(StorageError) -> Attempt {
        try await storage.writing(destination) { path throws(SystemError) in
            if try isSame(file, at: path) { return .made(.alreadyThere) }
            do throws(SystemError) {
                try storage.directories.changing([FilePath.parent(of: path)]) { () throws(SystemError) in
                    try link(file, to: path)
                }
            } catch {
                switch error.code {
                case EXDEV: return .refused(.differentFileSystems)
                case EPERM, EACCES: return .refused(.notPermitted)
                case EMLINK: return .refused(.tooManyLinks)
                case ENOTSUP, ENOSYS: return .refused(.notSupported)
                case ENOENT where try storage.calls.status(of: file.path) == nil: return .sourceIsGone
                default: throw error
                }
            }
            return .made(.hardLink)
        }
    }

    /// Links the file at `path`: directly if the name is free, otherwise through a staging name.
    private func link(_ file: CopySource, to path: String) throws(SystemError) {
        var made: [String] = []
        var isReplacing = false
        do {
            try storage.directories.making(path, made: &made) { () throws(SystemError) in
                try storage.calls.link(file.path, to: path)
            }
        } catch let error where error.code == EEXIST {
            isReplacing = true
            let staging = FilePath.join(FilePath.parent(of: path), StagingName.unique())
            try storage.calls.link(file.path, to: staging)
            // Needed after a successful rename too: rename(2) does nothing between two names of one file.
            defer { storage.calls.tidy { () throws(SystemError) in try storage.calls.unlink(staging) } }
            try storage.calls.rename(staging, to: path)
        }
        do throws(SystemError) {
            try sync(FilePath.parent(of: path), file, isNew: !made.isEmpty)
        } catch {
            // A name that may be lost must not be found. But if it replaced another, it stays: the other is gone.
            if !isReplacing {
                storage.calls.tidy { () throws(SystemError) in try storage.calls.unlink(path) }
                storage.directories.unmake(made)
            }
            throw error
        }
    }

    private func sync(_ parent: String, _ file: CopySource, isNew: Bool) throws(SystemError) {
        // A link leaves little to write, so a file system sync is as fast as a directory sync.
        if isNew, try storage.sharedSync.covers(file.file.file) {
            try storage.directories.sync([parent]) { () throws(SystemError) in
                try storage.sharedSync.sync(file.file.file)
            }
        } else {
            try storage.directories.sync(parent)
        }
    }
}

/// Operations on file system paths.
enum FilePath {
    /// The parent directory of `path`.
    static func parent(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.utf8.startIndex ? "/" : String(path[..<slash])
    }

    /// The path of `name` in `directory`.
    static func join(_ directory: String, _ name: String) -> String {
        directory.utf8.last == UInt8(ascii: "/") ? directory + name : "\(directory)/\(name)"
    }

    /// `path` without trailing slashes, except for the root of the file system.
    static func trimmed(_ path: String) -> String {
        var path = Substring(path)
        while path.utf8.count > 1, path.utf8.last == UInt8(ascii: "/") { path.removeLast() }
        return String(path)
    }
}
