import Glibc
import NIOCore

extension FileSystemStorage {
    package func stage(_ purpose: StagingPurpose) async throws(StorageError) -> any StagedObject {
        try refuseUnlessWritable(purpose.token.data)
        return FileSystemStagedObject(StagedContent(purpose, in: self))
    }

    package func resume(_ token: StagingToken) async throws(StorageError) -> (any StagedObject)? {
        try await reading(token.data) { [self] path throws(SystemError) -> FileSystemStagedObject? in
            guard let status = try calls.status(of: path) else { return nil }
            guard status.kind == .object else { throw SystemError(call: .open, code: EINVAL) }
            let state = token.state.flatMap(savedState)
            let content = StagedContent(
                resuming: token,
                byteCount: status.byteCount,
                hasState: state != nil,
                in: self
            )
            return FileSystemStagedObject(content, savedState: state)
        }
    }

    /// Returns nil for an unreadable state: the state only saves work.
    private func savedState(_ key: ObjectKey) -> ByteBuffer? {
        do throws(SystemError) {
            guard case .bytes(let bytes) = try readFile(path(of: key), limit: 64 << 10) else { return nil }
            return bytes
        } catch {
            return nil
        }
    }
}
