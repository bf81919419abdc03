import Glibc
import NIOCore

/// Determines the capabilities of a root's file system by trying them in `longshore/`, and between it and the two image
/// trees if they exist. It leaves nothing behind.
package struct FileSystemProbe: Sendable {
    private let storage: FileSystemStorage
    private static let own = ObjectKey.root.appending("longshore")
    private static let trees = ["longshore", "images", "docker"]

    /// Prepares to probe the file system of `storage`.
    package init(_ storage: FileSystemStorage) { self.storage = storage }

    /// Probes the file system. For a read-only storage, only determines its capacity.
    ///
    /// - Throws: ``StorageError/unusableRoot(path:reason:)`` for a case-insensitive file system.
    package func probe() async throws(StorageError) -> FileSystemTraits {
        if storage.isReadOnly {
            return try await storage.reading(.root) { _ throws(SystemError) in
                try traits(missing: ["the root is read-only: converted images are kept in memory"])
            }
        }
        let tellsCasesApart = try await storage.writing(Self.own) { path throws(SystemError) in
            try isCaseSensitive(in: path)
        }
        guard tellsCasesApart else {
            let reason = "the file system is case-insensitive: tags would overwrite each other"
            throw .unusableRoot(path: storage.root, reason: reason)
        }
        return try await storage.writing(Self.own) { path throws(SystemError) in try traits(in: path) }
    }

    private func traits(in directory: String) throws(SystemError) -> FileSystemTraits {
        let unlinkable = try pairs { from, to throws(SystemError) in try storage.calls.link(from, to: to) }
        let unmovable = try pairs { from, to throws(SystemError) in try storage.calls.rename(from, to: to) }
        let syncs = try syncsDirectories(directory)
        let reflinks = try hasReflinks(in: directory)
        let missing =
            unlinkable.map { "no hard links between \($0): layers are \(reflinks ? "reflinked" : "copied")" }
            + unmovable.map { "no renames between \($0): files are copied instead of moved" }
            + (syncs ? [] : ["directories cannot be synced: a power loss may undo acknowledged writes"])
        return try traits(
            hasHardLinks: unlinkable.isEmpty,
            renamesAcrossTrees: unmovable.isEmpty,
            syncsDirectories: syncs,
            hasReflinks: reflinks,
            missing: missing
        )
    }

    private func traits(
        hasHardLinks: Bool = false,
        renamesAcrossTrees: Bool = false,
        syncsDirectories: Bool = false,
        hasReflinks: Bool = false,
        missing: [String]
    ) throws(SystemError) -> FileSystemTraits {
        var statistics = statvfs()
        try storage.calls.make(.statistics, at: storage.root) { statvfs(storage.root, &statistics) }
        let block = UInt64(statistics.f_frsize)
        let inodes = FileSystemTraits.Capacity(
            total: UInt64(statistics.f_files),
            free: UInt64(statistics.f_favail)
        )
        return FileSystemTraits(
            hasHardLinks: hasHardLinks,
            renamesAcrossTrees: renamesAcrossTrees,
            syncsDirectories: syncsDirectories,
            hasReflinks: hasReflinks,
            bytes: .init(
                total: UInt64(statistics.f_blocks).clampedMultiplied(by: block),
                free: UInt64(statistics.f_bavail).clampedMultiplied(by: block)
            ),
            inodes: inodes.total == 0 ? nil : inodes,
            missing: missing
        )
    }

    /// Tries `step` between a file in each tree and a free name in each later one, and returns the failures with
    /// reasons.
    private func pairs(_ step: (String, String) throws(SystemError) -> Void) throws(SystemError) -> [String] {
        var trees: [(name: String, path: String)] = []
        for name in Self.trees {
            let path = FilePath.join(storage.root, name)
            if try storage.calls.status(of: path)?.kind == .directory { trees.append((name, path)) }
        }
        var failures: [String] = []
        for (index, from) in trees.enumerated() {
            for to in trees[(index + 1)...] {
                let target = FilePath.join(to.path, StagingName.unique())
                do throws(SystemError) {
                    try withFile(in: from.path) { file, _ throws(SystemError) in
                        defer { storage.calls.tidy { () throws(SystemError) in try storage.calls.unlink(target) } }
                        try step(file, target)
                    }
                } catch {
                    failures.append("\(from.name) and \(to.name) (\(error))")
                }
            }
        }
        return failures
    }

    private func isCaseSensitive(in directory: String) throws(SystemError) -> Bool {
        try withFile(in: directory) { path, _ throws(SystemError) in
            let name = path.split(separator: "/").last.map(String.init) ?? ""
            return try storage.calls.status(of: FilePath.join(directory, name.uppercased())) == nil
        }
    }

    private func syncsDirectories(_ directory: String) throws(SystemError) -> Bool {
        let opened = try storage.calls.open(directory, O_RDONLY | O_DIRECTORY)
        do {
            try storage.calls.make(.syncDirectory, at: directory) { fsync(opened.descriptor) }
            return true
        } catch let error where error.code == EINVAL || error.code == ENOTSUP {
            return false
        }
    }

    private func hasReflinks(in directory: String) throws(SystemError) -> Bool {
        try withFile(in: directory) { _, source throws(SystemError) in
            try withFile(in: directory) { _, target throws(SystemError) in
                do { try target.clone(source) } catch { return false }
                return true
            }
        }
    }

    /// Runs `body` on a small file in `directory`, then removes the file.
    private func withFile<Value>(
        in directory: String,
        _ body: (String, borrowing OpenFile) throws(SystemError) -> Value
    ) throws(SystemError) -> Value {
        let path = FilePath.join(directory, StagingName.unique())
        var made: [String] = []
        let file = try storage.directories.making(path, made: &made) { () throws(SystemError) in
            try storage.calls.open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW)
        }
        defer { storage.calls.tidy { () throws(SystemError) in try storage.calls.unlink(path) } }
        try file.write(ByteBuffer(repeating: 0x2E, count: 4096), at: 0)
        return try body(path, file)
    }
}
