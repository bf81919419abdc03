import Glibc

extension FileSystemStorage {
    /// Removes the staging files and trees that a process left behind when it was killed.
    ///
    /// Directories that are symbolic links are searched as well. One directory a time is on a thread.
    /// - Parameter age: How long one must have been left alone: a younger one may be in use by another process.
    /// - Returns: How many were removed.
    @discardableResult
    package func removeStaleStagingFiles(
        olderThan age: Duration = .seconds(24 * 60 * 60)
    ) async throws(StorageError) -> Int {
        var waiting = [root]
        // A symbolic link may lead to a directory above it.
        var seen: Set<FileStatus.Identity> = []
        var count = 0
        while let path = waiting.popLast() {
            let found = try await writing(.root) { [self] _ throws(SystemError) in try search(path, olderThan: age) }
            guard let found, seen.insert(found.identity).inserted else { continue }
            waiting += found.directories
            for tree in found.staleTrees { try await removeTree(tree, key: .root) }
            count += found.removedFileCount + found.staleTrees.count
        }
        return count
    }

    private struct Findings: Sendable {
        let identity: FileStatus.Identity
        var directories: [String] = []
        var staleTrees: [String] = []
        var removedFileCount = 0
    }

    /// Removes the stale staging files in one directory; nil when it is gone.
    private func search(_ directory: String, olderThan age: Duration) throws(SystemError) -> Findings? {
        guard let status = try calls.status(of: directory), status.kind == .directory else { return nil }
        let listing = try calls.absent { () throws(SystemError) in
            try DirectoryListing(of: directory, followsLink: true, calls: calls)
        }
        var findings = Findings(identity: status.identity)
        for entry in listing?.entries ?? [] where entry.isDirectory != false || StagingName.isStaging(entry.name) {
            let path = FilePath.join(directory, entry.name)
            guard StagingName.isStaging(entry.name) else {
                findings.directories.append(path)
                continue
            }
            guard let status = try calls.statusWithoutFollowing(path), status.isOlder(than: age) else { continue }
            if status.kind == .directory {
                findings.staleTrees.append(path)
            } else {
                _ = try calls.absent { () throws(SystemError) in try calls.unlink(path) }
                findings.removedFileCount += 1
            }
        }
        return findings
    }
}

extension FileStatus {
    /// Whether the file was last changed longer ago than `age`.
    fileprivate func isOlder(than age: Duration) -> Bool {
        let now = timespec.now
        let modified = Duration.seconds(times.modified.tv_sec) + .nanoseconds(times.modified.tv_nsec)
        return Duration.seconds(now.tv_sec) + .nanoseconds(now.tv_nsec) - modified > age
    }
}
