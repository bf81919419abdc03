import Glibc
import Synchronization

/// Makes several files and the names of their directories durable by one sync of their file system, syncfs(2), where
/// that is as good as an fsync(2) of each and quicker.
///
/// Each fsync waits for the disk to empty its cache, so ten small files take ten times as long as one. A sync of the
/// file system takes as long as one, unless others have much to write to it: it waits for theirs as well.
final class SharedSync: Sendable {
    /// From here on a sync of the file system was too slow: each file is synced by itself for a while.
    static let slowness = Duration.milliseconds(100)
    private static let pause = Duration.seconds(10)

    private let slowUntil = Mutex<ContinuousClock.Instant?>(nil)
    private let slowness: Duration

    /// - Parameter slowness: From how long on one is too slow; zero where none is ever to be made.
    init(slowness: Duration = SharedSync.slowness) { self.slowness = slowness }

    /// Whether `file` is on a file system for which a sync of it is known to do.
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

    /// Whether the last one took longer than it should.
    var isSlow: Bool { slowUntil.withLock { $0.map { ContinuousClock.now < $0 } ?? false } }

    /// ext2 to ext4, XFS and Btrfs (statfs(2)). Of others it is not known: FUSE, for one, tells no server of a sync.
    private static let types: Set<Int> = [0xEF53, 0x5846_5342, 0x9123_683E]

    /// Whether syncfs(2) is there and tells of bytes that could not be written: in every way since Linux 5.17.
    private static let isReported: Bool = {
        guard LateBoundCalls.syncFileSystem != nil else { return false }
        var names = utsname()
        guard uname(&names) == 0 else { return false }
        let release = withUnsafeBytes(of: names.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        return numbers.count == 2 && (numbers[0], numbers[1]) >= (5, 17)
    }()
}
