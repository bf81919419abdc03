/// The system calls a storage depends on. Tests use these names to inject failures.
enum SystemCall: Sendable, Hashable, CaseIterable {
    /// open(2).
    case open
    /// stat(2), lstat(2) and fstat(2).
    case status
    /// pread(2).
    case read
    /// pwrite(2).
    case write
    /// fsync(2) of a file.
    case syncFile
    /// fsync(2) of a directory.
    case syncDirectory
    /// syncfs(2).
    case syncFileSystem
    /// ftruncate(2).
    case truncate
    /// futimens(2) and fchmod(2).
    case setAttributes
    /// mkdir(2).
    case makeDirectory
    /// readdir(3).
    case readDirectory
    /// link(2).
    case link
    /// rename(2).
    case rename
    /// unlink(2).
    case unlink
    /// rmdir(2).
    case removeDirectory
    /// ioctl(2) with FICLONE.
    case clone
    /// copy_file_range(2).
    case copyRange
    /// flock(2).
    case lock
    /// statvfs(3).
    case statistics
}
