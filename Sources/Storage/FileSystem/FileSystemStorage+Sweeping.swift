import Glibc

extension FileSystemStorage {
    /// Removes staging files and trees left behind by killed processes.
    ///
    /// Also searches directories behind symbolic links. Each directory is one job on a thread.
    /// - Parameter age: The minimum age: another process may still be using younger ones.
    /// - Returns: The number of removed files and trees.
    @discardableResult
    package func removeStaleStagingFiles(
        olderThan age: Duration = .seconds(24 * 60 * 60)
    ) async throws(StorageError) -> Int {
        var waiting = [root]
        // A symbolic link may point to one of its parent directories.
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

    /// Removes the stale staging files in one directory; returns nil if it no longer exists.
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
    /// Whether the file was last modified longer than `age` ago.
    fileprivate func isOlder(than age: Duration) -> Bool {
        let now = timespec.now
        let modified = Duration.seconds(times.modified.tv_sec) + .nanoseconds(times.modified.tv_nsec)
        return Duration.seconds(now.tv_sec) + .nanoseconds(now.tv_nsec) - modified > age
    }
}
