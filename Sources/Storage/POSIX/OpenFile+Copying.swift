import Glibc
import NIOCore

extension OpenFile {
    /// Makes this empty file share the blocks of `source`.
    func clone(_ source: borrowing OpenFile) throws(SystemError) {
        let request: UInt = 0x4004_9409  // FICLONE: a macro that Swift does not import
        let sourceDescriptor = source.descriptor
        try calls.make(.clone) { ioctl(descriptor, request, sourceDescriptor) }
    }

    /// Copies up to `byteCount` bytes at `offset` of `source` to the same offset in this file, within the kernel.
    ///
    /// - Returns: The number of bytes copied: 0 at the end of the source, and on some file systems earlier.
    func copyRange(of source: borrowing OpenFile, at offset: Int64, byteCount: Int) throws(SystemError) -> Int {
        guard let copyFileRange = LateBoundCalls.copyFileRange else {
            throw SystemError(call: .copyRange, code: ENOSYS)
        }
        let sourceDescriptor = source.descriptor
        return try calls.make(.copyRange) {
            var sourceOffset = offset
            var targetOffset = offset
            return copyFileRange(sourceDescriptor, &sourceOffset, descriptor, &targetOffset, byteCount, 0)
        }
    }

    /// Makes everything written to this file's file system durable.
    func syncFileSystem() throws(SystemError) {
        guard let syncFileSystem = LateBoundCalls.syncFileSystem else { return }
        try calls.make(.syncFileSystem) { syncFileSystem(descriptor) }
    }
}
