import Glibc
import NIOCore

extension FileSystemStorage {
    /// - Parameter mode: The file's permissions, set before anything is written; nil for the default.
    func stage(_ bytes: ByteBuffer, at path: String, mode: mode_t? = nil) throws(SystemError) -> StagedFile {
        let staged = try StagedFile(for: path, in: directories, calls: calls)
        do throws(SystemError) {
            if let mode { try staged.file.setMode(mode) }
            try staged.file.write(bytes, at: 0)
            return staged
        } catch {
            staged.discard()
            throw error
        }
    }
}

extension FileSystemStorage: FileStorage {
    package func append(to key: ObjectKey, isTemporary: Bool) async throws(StorageError) -> any FileWriter {
        try await writing(key) { [self] path throws(SystemError) in
            var made: [String] = []
            let file = try directories.making(path, made: &made) { () throws(SystemError) in
                do throws(SystemError) {
                    return try calls.open(path, O_WRONLY)
                } catch let error where error.code == ENOENT {
                    // O_EXCL: never write through a dangling symbolic link.
                    return try calls.open(path, O_WRONLY | O_CREAT | O_EXCL)
                }
            }
            let status = try file.status()
            guard status.kind == .object else { throw SystemError(call: .open, code: EINVAL) }
            return FileSystemWriter(
                file,
                byteCount: status.byteCount,
                key: key,
                storage: self,
                isTemporary: isTemporary
            )
        }
    }
}

extension FileSystemStorage {
    package func link(
        _ source: LinkSource,
        to destination: ObjectKey,
        allowing policy: LinkPolicy
    ) async throws(StorageError) -> LinkOutcome {
        if isReadOnly { throw .readOnly(destination) }
        if let origin = source.storage as? FileSystemStorage {
            let link = FileLink(source: source, origin: origin, destination: destination, storage: self)
            return try await link.make(allowing: policy)
        }
        try await StreamedCopy(source: source, storage: self).make(destination)
        switch policy {
        case .hardLink: return .copy(because: .differentDrivers)
        case .copy: return .copy(because: .requested)
        }
    }
}
