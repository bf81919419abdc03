import Glibc
import NIOCore

/// An open file: closed when it goes out of scope.
struct OpenFile: ~Copyable, Sendable {
    /// The file's number in this process.
    let descriptor: Int32
    let calls: SystemCalls

    deinit { close(descriptor) }

    /// The status of the file, whatever its name is now.
    func status() throws(SystemError) -> FileStatus {
        var status = stat()
        try calls.make(.status) { fstat(descriptor, &status) }
        return FileStatus(status)
    }

    /// The number that names the kind of file system that the file is on, as statfs(2) lists them; nil where it cannot
    /// be asked for.
    func fileSystemType() throws(SystemError) -> Int? {
        guard let fileSystemStatus = LateBoundCalls.fileSystemStatus else { return nil }
        // The structure's first member, in a buffer larger than any system's structure.
        let status = UnsafeMutableRawBufferPointer.allocate(byteCount: 512, alignment: 16)
        defer { status.deallocate() }
        guard let start = status.baseAddress else { return nil }
        try calls.make(.status) { fileSystemStatus(descriptor, start) }
        return start.load(as: Int.self)
    }

    /// Up to `byteCount` bytes from `offset`: fewer only at the end of the file.
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

    /// Writes all of `bytes` from `offset` on: one call, unless the system takes only a part.
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

    /// Makes the bytes durable. A file on a file system that cannot be written to is so already.
    func sync() throws(SystemError) {
        do {
            try calls.make(.syncFile) { fsync(descriptor) }
        } catch let error where error.code == EINVAL || error.code == EROFS {}
    }

    /// Lets the system begin to write `range` to the disk, so that a later ``sync()`` has less to wait for.
    ///
    /// A hint: nothing is durable because of it, and where it fails nothing is lost.
    func beginWriting(_ range: Range<Int64>) {
        let write: UInt32 = 2  // SYNC_FILE_RANGE_WRITE
        _ = LateBoundCalls.syncFileRange?(descriptor, range.lowerBound, Int64(range.count), write)
    }

    /// Cuts the file, or fills it up with zeroes, to `byteCount` bytes.
    func truncate(to byteCount: Int64) throws(SystemError) {
        try calls.make(.truncate) { ftruncate(descriptor, off_t(byteCount)) }
    }

    /// Gives the file these permissions.
    func setMode(_ mode: mode_t) throws(SystemError) {
        try calls.make(.setAttributes) { fchmod(descriptor, mode) }
    }

    /// Gives the file the permissions and times of another.
    func setAttributes(like status: FileStatus) throws(SystemError) {
        try calls.make(.setAttributes) { fchmod(descriptor, status.mode) }
        let times = [status.times.accessed, status.times.modified]
        try calls.make(.setAttributes) { futimens(descriptor, times) }
    }
}
