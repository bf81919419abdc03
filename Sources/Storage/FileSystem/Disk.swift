import Glibc

/// The disk that a directory is, or will be, on. For commands before they start: its calls block.
package struct Disk: Sendable {
    /// The directory, or its nearest existing parent.
    package let directory: String

    private static let temporaryFileFlag: Int32 = 0o20_000_000

    /// - Parameter path: A directory, which need not exist yet.
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

    /// The number of bytes this process may still write; nil if unknown.
    package var freeByteCount: Int64? {
        var statistics = statvfs()
        guard statvfs(directory, &statistics) == 0 else { return nil }
        let (bytes, isTooMany) = UInt64(statistics.f_bavail).multipliedReportingOverflow(
            by: UInt64(statistics.f_frsize)
        )
        return isTooMany ? .max : Int64(clamping: bytes)
    }

    /// Counts how often an unnamed temporary file can be made durable until `deadline`; nil if this cannot be tested.
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
