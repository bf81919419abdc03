import Glibc

/// The disk that a directory is on, or will be on once it is made: by calls that block, for a command before it begins.
package struct Disk: Sendable {
    /// The directory, or the nearest one above it that is there.
    package let directory: String

    private static let temporaryFileFlag: Int32 = 0o20_000_000

    /// - Parameter path: A directory, which need not be there yet.
    package init(holding path: String) {
        var path = path.isEmpty ? "." : path
        var status = stat()
        while stat(path, &status) != 0 || status.st_mode & S_IFMT != S_IFDIR {
            guard let slash = path.dropLast().lastIndex(of: "/") else {
                path = path.hasPrefix("/") ? "/" : "."
                break
            }
            path = slash == path.startIndex ? "/" : String(path[..<slash])
        }
        directory = path
    }

    /// How many bytes this process may still write; nil where the system does not say.
    package var freeByteCount: Int64? {
        var statistics = statvfs()
        guard statvfs(directory, &statistics) == 0 else { return nil }
        let (bytes, isTooMany) = UInt64(statistics.f_bavail).multipliedReportingOverflow(
            by: UInt64(statistics.f_frsize)
        )
        return isTooMany ? .max : Int64(clamping: bytes)
    }

    /// How many times a file without a name, of which nothing stays, was made durable until `deadline`; nil where that
    /// cannot be tried out.
    package func syncCount(until deadline: ContinuousClock.Instant) -> Int? {
        let bytes = [UInt8](repeating: 0x61, count: 4096)
        var count = 0
        repeat {
            let descriptor = open(directory, O_WRONLY | O_DIRECTORY | O_CLOEXEC | Self.temporaryFileFlag, 0o600)
            guard descriptor >= 0 else { return nil }
            defer { close(descriptor) }
            guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else { return nil }
            count += 1
        } while ContinuousClock.now < deadline
        return count
    }
}
