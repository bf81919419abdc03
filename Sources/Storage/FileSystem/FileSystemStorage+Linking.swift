import Glibc

extension FileSystemStorage {
    package func move(_ source: ObjectKey, to destination: ObjectKey) async throws(StorageError) {
        if isReadOnly { throw .readOnly(destination) }
        let file = try await CopySource.open(source, in: self, isOwn: true)
        let isMoved = try await writing(destination) { [self] path throws(SystemError) in
            let parents = Set([file.path, path].map { FilePath.parent(of: $0) })
            return try directories.changing(parents) { () throws(SystemError) in try rename(file, to: path) }
        }
        if isMoved { return }
        let (staged, _) = try await FileCopy(source: file, storage: self).stage(for: destination)
        try await writing(destination) { _ throws(SystemError) in try staged.commit() }
        try await remove(source)
    }

    package func link(
        _ source: LinkSource,
        to destination: ObjectKey,
        allowing policy: LinkPolicy
    ) async throws(StorageError) -> LinkOutcome {
        if isReadOnly { throw .readOnly(destination) }
        if let origin = source.storage as? FileSystemStorage {
            let link = FileLink(source: source, origin: origin, destination: destination, storage: self)
            return try await link.make(allowing: policy)
        }
        try await StreamedCopy(source: source, storage: self).make(destination)
        switch policy {
        case .hardLink: return .copy(because: .differentDrivers)
        case .copy: return .copy(because: .requested)
        }
    }

    /// Gives the file the name `path`, and answers false when it is on another file system than that.
    private func rename(_ file: CopySource, to path: String) throws(SystemError) -> Bool {
        // The name of a symbolic link would be moved, and a relative target lost: the file itself is what moves.
        guard try calls.statusWithoutFollowing(file.path)?.isSymbolicLink != true else { return false }
        let isSameName = try isSameEntry(file.path, path)
        let isReplacing = try calls.statusWithoutFollowing(path) != nil
        var made: [String] = []
        do {
            try directories.making(path, made: &made) { () throws(SystemError) in
                try calls.rename(file.path, to: path)
            }
        } catch let error where error.code == EXDEV {
            return false
        }
        if !isSameName { try removeOtherName(of: file) }
        do throws(SystemError) {
            try directories.sync(FilePath.parent(of: path))
        } catch {
            // A name that may be lost must not be found: whoever tries again makes another. What was replaced is gone.
            if !isReplacing {
                calls.tidy { () throws(SystemError) in try calls.rename(path, to: file.path) }
                directories.unmake(made)
            }
            throw error
        }
        // Not those above it: with a directory that a loss of power takes, the old name is gone as well.
        try calls.syncDirectory(FilePath.parent(of: file.path))
        return true
    }

    /// Removes the name that the file came from, should it still be there: rename(2) does nothing between two names
    /// of one file.
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
}
