import Glibc
import Synchronization

/// Makes several files and their directory entries durable with one file system sync, syncfs(2), if that is as reliable
/// as an fsync(2) of each and faster.
///
/// Each fsync waits for the disk to flush its cache, so ten small files take ten times as long as one. A file system
/// sync takes as long as one fsync, unless other processes have a lot to write: it waits for their data too.
final class SharedSync: Sendable {
    /// A file system sync that takes longer is too slow: files are then synced individually for a while.
    static let slowness = Duration.milliseconds(100)
    private static let pause = Duration.seconds(10)

    private let slowUntil = Mutex<ContinuousClock.Instant?>(nil)
    private let slowness: Duration

    /// - Parameter slowness: The duration from which a sync counts as too slow; zero disables file system syncs.
    init(slowness: Duration = SharedSync.slowness) { self.slowness = slowness }

    /// Whether `file` is on a file system where syncfs(2) is known to be reliable, and fast at present.
    func covers(_ file: borrowing OpenFile) throws(SystemError) -> Bool {
        guard Self.isReported, slowness > .zero, !isSlow, let type = try file.fileSystemType() else { return false }
        return Self.types.contains(type)
    }

    /// Makes everything on the file system of `file` durable.
    func sync(_ file: borrowing OpenFile) throws(SystemError) {
        let start = ContinuousClock.now
        try file.syncFileSystem()
        let end = ContinuousClock.now
        if start.duration(to: end) > slowness { slowUntil.withLock { $0 = end + Self.pause } }
    }

    /// Whether the last sync was too slow.
    var isSlow: Bool { slowUntil.withLock { $0.map { ContinuousClock.now < $0 } ?? false } }

    /// ext2 to ext4, XFS and Btrfs (statfs(2)). Others are unknown: FUSE, for example, does not pass syncs to its
    /// server.
    private static let types: Set<Int> = [0xEF53, 0x5846_5342, 0x9123_683E]

    /// Whether syncfs(2) exists and reports all write errors, as it does since Linux 5.17.
    private static let isReported: Bool = {
        guard LateBoundCalls.syncFileSystem != nil else { return false }
        var names = utsname()
        guard uname(&names) == 0 else { return false }
        let release = withUnsafeBytes(of: names.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        return numbers.count == 2 && (numbers[0], numbers[1]) >= (5, 17)
    }()
}
