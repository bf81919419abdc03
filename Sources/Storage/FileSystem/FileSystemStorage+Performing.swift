import Glibc
import Synchronization

/// The steps of a commit. They block.
extension FileSystemStorage {
    /// Performs the steps from `first` on, without making anything durable.
    ///
    /// - Parameter isGrouped: Whether everything will be made durable together. If not, stops when the directory
    ///   changes.
    func perform(_ steps: [CommitStep], from first: Int, isGrouped: Bool) -> CommitProgress {
        var progress = CommitProgress(next: first)
        while progress.next < steps.count {
            let step = steps[progress.next]
            if let directory = step.directory {
                guard isGrouped || progress.changed.isSubset(of: [directory]) else { return progress }
                if !step.isRemoval { begin(directory, on: step.knownDevice, &progress) }
            }
            do throws(StorageError) {
                guard try perform(step, &progress) else {
                    progress.needsCopy = true
                    return progress
                }
            } catch {
                progress.error = error
                return progress
            }
            progress.next += 1
        }
        return progress
    }

    private func begin(_ directory: String, on device: UInt64? = nil, _ progress: inout CommitProgress) {
        guard progress.changed.insert(directory).inserted else { return }
        directories.begin([directory])
        if let device, let groupSync {
            if device != groupSync.device { progress.foreign.insert(directory) }
        } else {
            noteDevice(of: directory, &progress)
        }
    }

    /// Requires the name at `path` to be durable, even if another writer made or removed it.
    private func keep(_ key: ObjectKey, _ path: String, _ progress: inout CommitProgress) throws(StorageError) {
        let directory = FilePath.parent(of: path)
        guard !directories.hasFailed(directory) else {
            throw StorageError(writing: key, SystemError(call: .syncDirectory, code: EIO))
        }
        guard !progress.changed.contains(directory), !directories.isSettled(directory),
            progress.pending.insert(directory).inserted
        else { return }
        noteDevice(of: directory, &progress)
    }

    private func noteDevice(of directory: String, _ progress: inout CommitProgress) {
        guard groupSync != nil else { return }
        // A missing directory will be created on the file system of its nearest existing parent.
        var path = directory
        while true {
            do throws(SystemError) {
                if let status = try calls.status(of: path) {
                    if status.identity.device != groupSync?.device { progress.foreign.insert(directory) }
                    return
                }
            } catch {
                progress.foreign.insert(directory)
                return
            }
            guard path != FilePath.parent(of: path) else { return }
            path = FilePath.parent(of: path)
        }
    }

    /// Performs one step; returns false if the bytes must be copied instead.
    private func perform(_ step: CommitStep, _ progress: inout CommitProgress) throws(StorageError) -> Bool {
        switch step {
        case .name(let staged, let key, let condition, let isDurable):
            let isReplacing = try name(staged, key, condition, isDurable: isDurable)
            if isDurable { progress.undo.append(isReplacing ? .never : .withdraw(staged)) }
        case .keep(let key, let path): try keep(key, path, &progress)
        // Its bytes are synced by now, and its directory counts as changed.
        case .harden: break
        case .require(let key, let path, let byteCount):
            try require(key, byteCount: byteCount)
            try keep(key, path, &progress)
        case .rename(let file, let key, let path):
            return try blockingWrite(key) { _ throws(SystemError) in try rename(file, to: path, &progress) }
        case .link(let source, let sourcePath, let key, let path):
            return try link(source, sourcePath, to: key, path, &progress)
        case .remove(let key, let path, let condition):
            try check(condition, of: key)
            let removed: Void? = try blockingWrite(key) { _ throws(SystemError) in
                try calls.absent { () throws(SystemError) in try calls.unlink(path) }
            }
            try note(removed != nil, key, path, &progress)
        case .prune(let key, let path): try prune(key, path, &progress)
        case .discard(let key, let path): try blockingWrite(key) { _ throws(SystemError) in try discard(path) }
        }
        return true
    }

    /// Removes a directory if it is empty. Does not retry, because a name may be about to be created in it.
    private func prune(_ key: ObjectKey, _ path: String, _ progress: inout CommitProgress) throws(StorageError) {
        var isRemoved = true
        do throws(SystemError) {
            try directories.remove(path)
        } catch {
            guard error.isAbsence || [ENOTEMPTY, EEXIST, EBUSY].contains(error.code) else {
                throw StorageError(writing: key, error)
            }
            isRemoved = false
        }
        try note(isRemoved, key, path, &progress)
    }

    private func note(
        _ isRemoved: Bool,
        _ key: ObjectKey,
        _ path: String,
        _ progress: inout CommitProgress
    ) throws(StorageError) {
        // Another writer may have removed it just now, without having made that durable.
        guard isRemoved else { return try keep(key, path, &progress) }
        begin(FilePath.parent(of: path), &progress)
        progress.undo.append(.never)
    }

    /// Gives a new file its name. Returns whether it replaced an existing one; always true if not durable.
    private func name(
        _ staged: StagedFile,
        _ key: ObjectKey,
        _ condition: WriteBatch.Condition,
        isDurable: Bool
    ) throws(StorageError) -> Bool {
        switch condition {
        case .any:
            return try blockingWrite(key) { _ throws(SystemError) in
                if isDurable { return try staged.renameNoting() }
                try staged.rename()
                return true
            }
        case .absent:
            do throws(SystemError) {
                try calls.link(staged.path, to: staged.destination)
            } catch {
                throw error.code == EEXIST ? .changed(key) : StorageError(writing: key, error)
            }
            calls.tidy { () throws(SystemError) in try calls.unlink(staged.path) }
            return false
        case .version:
            try replacement.withLock { _ throws(StorageError) in
                try check(condition, of: key)
                try blockingWrite(key) { _ throws(SystemError) in try staged.rename() }
            }
            return true
        }
    }

    /// Renames a file; returns false if the destination is on another file system.
    private func rename(
        _ file: CopySource,
        to path: String,
        _ progress: inout CommitProgress
    ) throws(SystemError) -> Bool {
        // Renaming a symbolic link would move the link and break a relative target: the file itself must be moved.
        guard try calls.statusWithoutFollowing(file.path)?.isSymbolicLink != true else { return false }
        let isReplacing = try calls.statusWithoutFollowing(path) != nil
        let isSameName = isReplacing ? try isSameEntry(file.path, path) : false
        var made: [String] = []
        do {
            try directories.making(path, made: &made) { () throws(SystemError) in
                try calls.rename(file.path, to: path)
            }
        } catch let error where error.code == EXDEV {
            directories.unmake(made)
            return false
        }
        if isReplacing, !isSameName { try removeOtherName(of: file) }
        begin(FilePath.parent(of: file.path), &progress)
        progress.undo.append(isReplacing ? .never : .rename(path, to: file.path, made: made))
        return true
    }

    /// Removes the file's old name if it still exists: rename(2) does nothing between two names of one file.
    func removeOtherName(of file: CopySource) throws(SystemError) {
        guard try calls.statusWithoutFollowing(file.path)?.identity == file.status.identity else { return }
        try calls.unlink(file.path)
    }

    func isSameEntry(_ path: String, _ other: String) throws(SystemError) -> Bool {
        guard path.utf8.split(separator: UInt8(ascii: "/")).last == other.utf8.split(separator: UInt8(ascii: "/")).last
        else { return false }
        let otherParent = try calls.status(of: FilePath.parent(of: other))
        return try calls.status(of: FilePath.parent(of: path))?.identity == otherParent?.identity
    }

    /// Links a file under a second name; returns false if that is not possible there.
    private func link(
        _ source: ObjectKey,
        _ sourcePath: String,
        to key: ObjectKey,
        _ path: String,
        _ progress: inout CommitProgress
    ) throws(StorageError) -> Bool {
        // The source must be durable too, even if another writer put it there.
        try keep(source, sourcePath, &progress)
        var made: [String] = []
        do throws(SystemError) {
            if let present = try calls.status(of: path),
                present.identity == (try calls.status(of: sourcePath)?.identity)
            {
                return true
            }
            do throws(SystemError) {
                try directories.making(path, made: &made) { () throws(SystemError) in
                    try calls.link(sourcePath, to: path)
                }
                progress.undo.append(.unlink(path, made: made))
            } catch let error where error.code == EEXIST {
                let staging = FilePath.join(FilePath.parent(of: path), StagingName.unique())
                try calls.link(sourcePath, to: staging)
                // Needed after a successful rename too: rename(2) does nothing between two names of one file.
                defer { calls.tidy { () throws(SystemError) in try calls.unlink(staging) } }
                try calls.rename(staging, to: path)
                progress.undo.append(.never)
            }
            return true
        } catch {
            directories.unmake(made)
            switch error.code {
            case EXDEV, EPERM, EACCES, EMLINK, ENOTSUP, ENOSYS: return false
            case ENOENT: throw .absent(source)
            default: throw StorageError(writing: key, error)
            }
        }
    }
}
