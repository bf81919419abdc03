import Glibc
import NIOCore

/// An open file, closed when it goes out of scope.
struct OpenFile: ~Copyable, Sendable {
    /// The file descriptor.
    let descriptor: Int32
    let calls: SystemCalls

    deinit { close(descriptor) }

    /// The status of the file, even if it has been renamed.
    func status() throws(SystemError) -> FileStatus {
        var status = stat()
        try calls.make(.status) { fstat(descriptor, &status) }
        return FileStatus(status)
    }

    /// The magic number of the file system's type, as listed in statfs(2); nil if it cannot be determined.
    func fileSystemType() throws(SystemError) -> Int? {
        guard let fileSystemStatus = LateBoundCalls.fileSystemStatus else { return nil }
        // Reads the first member of the structure; the buffer is larger than the structure on any system.
        let status = UnsafeMutableRawBufferPointer.allocate(byteCount: 512, alignment: 16)
        defer { status.deallocate() }
        guard let start = status.baseAddress else { return nil }
        try calls.make(.status) { fileSystemStatus(descriptor, start) }
        return start.load(as: Int.self)
    }

    /// Up to `byteCount` bytes from `offset`; fewer only at the end of the file.
    func read(at offset: Int64, byteCount: Int) throws(SystemError) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: byteCount)
        var missing = byteCount
        while missing > 0 {
            let position = offset + Int64(byteCount - missing)
            var outcome: Result<Int, SystemError> = .success(0)
            buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: missing) { target in
                outcome = Result { () throws(SystemError) in
                    try calls.make(.read) {
                        pread(descriptor, target.baseAddress, min(missing, calls.transferLimit), off_t(position))
                    }
                }
                guard case .success(let count) = outcome else { return 0 }
                return count
            }
            let count = try outcome.get()
            guard count > 0 else { break }
            missing -= count
        }
        return buffer
    }

    /// Writes all of `bytes` at `offset`, usually in a single call.
    func write(_ bytes: ByteBuffer, at offset: Int64) throws(SystemError) {
        let outcome = bytes.withUnsafeReadableBytes { source in
            Result { () throws(SystemError) in
                var written = 0
                while written < source.count {
                    let rest = UnsafeRawBufferPointer(rebasing: source[written...].prefix(calls.transferLimit))
                    written += try calls.make(.write) {
                        pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(written))
                    }
                }
            }
        }
        try outcome.get()
    }

    /// Makes the bytes durable. Succeeds without doing anything on a read-only file system.
    func sync() throws(SystemError) {
        do {
            try calls.make(.syncFile) { fsync(descriptor) }
        } catch let error where error.code == EINVAL || error.code == EROFS {}
    }

    /// Asks the kernel to start writing `range` to disk, so that a later ``sync()`` waits less.
    ///
    /// It is only a hint: it makes nothing durable, and failures are ignored.
    func beginWriting(_ range: Range<Int64>) {
        let write: UInt32 = 2  // SYNC_FILE_RANGE_WRITE
        _ = LateBoundCalls.syncFileRange?(descriptor, range.lowerBound, Int64(range.count), write)
    }

    /// Truncates the file, or extends it with zeros, to `byteCount` bytes.
    func truncate(to byteCount: Int64) throws(SystemError) {
        try calls.make(.truncate) { ftruncate(descriptor, off_t(byteCount)) }
    }

    /// Sets the file's permissions.
    func setMode(_ mode: mode_t) throws(SystemError) {
        try calls.make(.setAttributes) { fchmod(descriptor, mode) }
    }

    /// Copies the permissions and times of another file.
    func setAttributes(like status: FileStatus) throws(SystemError) {
        try calls.make(.setAttributes) { fchmod(descriptor, status.mode) }
        let times = [status.times.accessed, status.times.modified]
        try calls.make(.setAttributes) { futimens(descriptor, times) }
    }
}
