import Glibc
package import NIOCore

extension FileSystemStorage {
    package func write(_ bytes: ByteBuffer, to key: ObjectKey) async throws(StorageError) {
        try await write(bytes, to: key, mode: nil)
    }

    package func writeSecret(_ bytes: ByteBuffer, to key: ObjectKey) async throws(StorageError) {
        try await write(bytes, to: key, mode: 0o600)
    }

    /// - Parameter mode: the file's permissions, set before it holds anything; nil for those that new files get.
    private func write(_ bytes: ByteBuffer, to key: ObjectKey, mode: mode_t?) async throws(StorageError) {
        try await writing(key) { [self] path throws(SystemError) in
            let staged = try StagedFile(for: path, in: directories, calls: calls)
            do throws(SystemError) {
                if let mode { try staged.file.setMode(mode) }
                try staged.file.write(bytes, at: 0)
            } catch {
                staged.discard()
                throw error
            }
            try staged.commit()
        }
    }

    package func append(to key: ObjectKey) async throws(StorageError) -> any ObjectWriter {
        try await writing(key) { [self] path throws(SystemError) in
            var made: [String] = []
            let file = try directories.making(path, made: &made) { () throws(SystemError) in
                do throws(SystemError) {
                    return try calls.open(path, O_WRONLY)
                } catch let error where error.code == ENOENT {
                    // O_EXCL: a symbolic link that dangles is not written through.
                    return try calls.open(path, O_WRONLY | O_CREAT | O_EXCL)
                }
            }
            let status = try file.status()
            guard status.kind == .object else { throw SystemError(call: .open, code: EINVAL) }
            return FileSystemWriter(file, byteCount: status.byteCount, key: key, storage: self)
        }
    }
}
