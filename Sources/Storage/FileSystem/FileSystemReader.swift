package import NIOCore

/// An open file of a storage.
///
/// It ends where the file ended when opened, even if another program appends to it.
package final class FileSystemReader: ObjectReader {
    private let opened: OpenedFile
    private let key: ObjectKey
    private let storage: FileSystemStorage
    package let content: ByteBuffer?

    init(_ opened: OpenedFile, content: ByteBuffer? = nil, key: ObjectKey, storage: FileSystemStorage) {
        self.opened = opened
        self.content = content
        self.key = key
        self.storage = storage
    }

    package var attributes: ObjectAttributes { opened.status.attributes }

    package var fileDescriptor: Int32? { opened.file.descriptor }

    package func read(at offset: Int64, byteCount: Int) async throws(StorageError) -> ByteBuffer {
        let byteCount = min(Int64(byteCount), attributes.byteCount - offset)
        guard byteCount > 0, offset >= 0 else { return ByteBuffer() }
        if let content, let slice = content.getSlice(at: Int(offset), length: Int(byteCount)) { return slice }
        return try await storage.reading(key) { [opened] _ throws(SystemError) in
            try opened.file.read(at: offset, byteCount: Int(byteCount))
        }
    }
}

/// An open file with its status at the time of opening; closed when the last reference is released.
final class OpenedFile: Sendable {
    /// The file.
    let file: OpenFile
    /// Its status when opened.
    let status: FileStatus

    init(_ file: consuming OpenFile, status: FileStatus) {
        self.file = file
        self.status = status
    }
}
