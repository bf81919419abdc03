import Glibc

extension FileSystemStorage {
    /// Removes everything below `prefix`, and `prefix` itself unless it is the root. Symbolic links are not followed.
    ///
    /// The whole tree is first renamed to a staging name, so that it disappears at once and for good even if the rest
    /// fails.
    package func removeAll(below prefix: ObjectKey, first keys: [ObjectKey]) async throws(StorageError) {
        let isRoot = prefix == .root
        try await remove(isRoot ? keys : keys.filter { !$0.isBelow(prefix) })
        if isRoot {
            for entry in try await list(.root, after: nil, limit: .max) {
                try await removeAll(below: ObjectKey.root.appending(entry.name))
            }
            return
        }
        let tree = try await writing(prefix) { [self] path throws(SystemError) in
            let parent = FilePath.parent(of: path)
            let tree = try directories.changing([parent]) { () throws(SystemError) in try setAside(path) }
            // Another writer may have removed it just now, without having made that durable.
            if tree == nil { try directories.ensureDurable(parent) }
            return tree
        }
        guard let tree else { return }
        // If the tree could not be renamed, it does not disappear at once.
        if tree == path(of: prefix) { try await remove(keys.filter { $0.isBelow(prefix) }) }
        try await removeTree(tree, key: prefix)
        try await writing(prefix) { [self] path throws(SystemError) in
            try directories.sync(FilePath.parent(of: path))
        }
    }

    private func remove(_ keys: [ObjectKey]) async throws(StorageError) {
        guard !keys.isEmpty else { return }
        try await commit(WriteBatch(keys.map { .remove($0, .any) }))
    }

    /// Removes the directory at `path` with everything below it; each directory is one job on a thread.
    func removeTree(_ path: String, key: ObjectKey) async throws(StorageError) {
        let inner = try await writing(key) { [self] _ throws(SystemError) in try removeFiles(in: path) }
        for directory in inner { try await removeTree(directory, key: key) }
        try await writing(key) { [self] _ throws(SystemError) in
            _ = try calls.absent { () throws(SystemError) in try directories.remove(path) }
        }
    }

    /// Hides the tree at `path`. Returns its new path, or nil if there is no directory left to remove.
    private func setAside(_ path: String) throws(SystemError) -> String? {
        guard let status = try calls.statusWithoutFollowing(path) else { return nil }
        let parent = FilePath.parent(of: path)
        guard status.kind == .directory else {
            _ = try calls.absent { () throws(SystemError) in try calls.unlink(path) }
            try directories.sync(parent)
            return nil
        }
        let aside = FilePath.join(parent, StagingName.unique())
        do {
            try directories.setAside(path, as: aside)
        } catch let error where error.code == EBUSY || error.code == EXDEV {
            // A mount point, or a directory in a lower layer of an overlay.
            return path
        } catch let error where error.isAbsence {
            return nil
        }
        try directories.sync(parent)
        return aside
    }

    /// Removes everything except directories in `path`, and returns the directories.
    func removeFiles(in path: String) throws(SystemError) -> [String] {
        let listing = try calls.absent { () throws(SystemError) in
            try DirectoryListing(of: path, followsLink: false, calls: calls)
        }
        var inner: [String] = []
        for entry in listing?.entries ?? [] {
            let entryPath = FilePath.join(path, entry.name)
            if try isDirectory(entry, at: entryPath) {
                inner.append(entryPath)
            } else {
                _ = try calls.absent { () throws(SystemError) in try calls.unlink(entryPath) }
            }
        }
        return inner
    }

    private func isDirectory(_ entry: DirectoryListing.Entry, at path: String) throws(SystemError) -> Bool {
        if let isDirectory = entry.isDirectory { return isDirectory }
        return try calls.statusWithoutFollowing(path)?.kind == .directory
    }

    /// Removes the file or tree at `path`. Files created there meanwhile stay.
    func discard(_ path: String) throws(SystemError) {
        do {
            try calls.unlink(path)
        } catch let error where error.isAbsence {
            return
        } catch let error where error.code == EISDIR {
            // Its content was often removed already.
            if try removeEmpty(path) { return }
            for directory in try removeFiles(in: path) { try discard(directory) }
            _ = try removeEmpty(path)
        }
    }

    private func removeEmpty(_ path: String) throws(SystemError) -> Bool {
        do {
            try directories.remove(path)
            return true
        } catch let error where [ENOTEMPTY, EEXIST, EBUSY].contains(error.code) {
            // EBUSY: a mount point, which stays.
            return false
        } catch let error where error.isAbsence {
            return true
        }
    }
}
