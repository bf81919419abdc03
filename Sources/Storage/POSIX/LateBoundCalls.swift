import Glibc

/// C library functions that Swift does not import, mostly because they require `_GNU_SOURCE`. They are looked up by
/// name.
enum LateBoundCalls {
    /// copy_file_range(2); nil if the C library lacks it.
    static let copyFileRange = symbol("copy_file_range").map {
        unsafeBitCast($0, to: CopyFileRange.self)
    }

    /// syncfs(2); nil if the C library lacks it.
    static let syncFileSystem = symbol("syncfs").map {
        unsafeBitCast($0, to: SyncFileSystem.self)
    }

    /// sync_file_range(2); nil if the C library lacks it.
    static let syncFileRange = symbol("sync_file_range").map {
        unsafeBitCast($0, to: SyncFileRange.self)
    }

    /// fstatfs(2); nil if the C library lacks it.
    static let fileSystemStatus = symbol("fstatfs").map {
        unsafeBitCast($0, to: FileSystemStatus.self)
    }

    /// renameat2(2); nil if the C library lacks it.
    static let renameWithFlags = symbol("renameat2").map {
        unsafeBitCast($0, to: RenameWithFlags.self)
    }

    typealias RenameWithFlags =
        @convention(c) (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32) -> Int32
    typealias FileSystemStatus = @convention(c) (Int32, UnsafeMutableRawPointer) -> Int32
    typealias SyncFileRange = @convention(c) (Int32, Int64, Int64, UInt32) -> Int32
    typealias CopyFileRange =
        @convention(c) (
            Int32, UnsafeMutablePointer<Int64>?, Int32, UnsafeMutablePointer<Int64>?, Int, UInt32
        ) -> Int
    typealias SyncFileSystem = @convention(c) (Int32) -> Int32

    private static func symbol(_ name: String) -> UnsafeMutableRawPointer? {
        guard let program = dlopen(nil, RTLD_NOW) else { return nil }
        return dlsym(program, name)
    }
}
