import Glibc
import Synchronization

/// One file becoming an object under a second key: by a hard link, or by what is next best.
///
/// Whether links work is learned by making one: `st_dev` is the same for two bind mounts between which none can be
/// made, and `fs.protected_hardlinks` refuses the files of another user.
struct FileLink: Sendable {
    /// The file, in this or another storage.
    let source: LinkSource
    /// The storage that holds the file.
    let origin: FileSystemStorage
    let destination: ObjectKey
    /// The storage that gets the new name.
    let storage: FileSystemStorage

    private enum Attempt: Sendable {
        case made(LinkOutcome)
        case refused(CopyReason)
        case sourceIsGone
    }

    /// Links the file, or copies it where `policy` asks for that or no link can be made.
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

    /// Writes a copy of a file that can take no more names, lets it take the file's place, and links to that.
    private func linkFreshCopy(of file: CopySource) async throws(StorageError) -> LinkOutcome {
        let (fresh, _) = try await FileCopy(source: file, storage: storage).stage(for: source.key)
        try await storage.writing(source.key) { path throws(SystemError) in
            try storage.replacement.withLock { _ throws(SystemError) in
                do throws(SystemError) {
                    // Someone else may have done the same in the meantime: the blob is stored once.
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

    /// Makes `path` a name of the file: at once where nothing stands there, by way of a staging name where something does.
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
            // Also behind a rename that went well: between two names of one file it does nothing.
            defer { storage.calls.tidy { () throws(SystemError) in try storage.calls.unlink(staging) } }
            try storage.calls.rename(staging, to: path)
        }
        do throws(SystemError) {
            try sync(FilePath.parent(of: path), file, isNew: !made.isEmpty)
        } catch {
            // A name that may be lost must not be found. One that took another's place stays: the other is gone.
            if !isReplacing {
                storage.calls.tidy { () throws(SystemError) in try storage.calls.unlink(path) }
                storage.directories.unmake(made)
            }
            throw error
        }
    }

    private func sync(_ parent: String, _ file: CopySource, isNew: Bool) throws(SystemError) {
        // A link leaves next to nothing to write: the sync of the file system is as quick as that of one directory.
        if isNew, try storage.sharedSync.covers(file.file.file) {
            try storage.directories.sync([parent]) { () throws(SystemError) in
                try storage.sharedSync.sync(file.file.file)
            }
        } else {
            try storage.directories.sync(parent)
        }
    }
}

/// The parts of a path in the file system.
enum FilePath {
    /// The directory that holds `path`.
    static func parent(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.utf8.startIndex ? "/" : String(path[..<slash])
    }

    /// The path of `name` in `directory`.
    static func join(_ directory: String, _ name: String) -> String {
        directory.utf8.last == UInt8(ascii: "/") ? directory + name : "\(directory)/\(name)"
    }

    /// `path` without slashes at its end; the root of the file system stays.
    static func trimmed(_ path: String) -> String {
        var path = Substring(path)
        while path.utf8.count > 1, path.utf8.last == UInt8(ascii: "/") { path.removeLast() }
        return String(path)
    }
}
