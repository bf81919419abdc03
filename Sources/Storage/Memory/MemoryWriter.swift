package import NIOCore
import Synchronization

/// An in-memory object open for appending.
package final class MemoryWriter: FileWriter {
    private let object: MemoryObject
    private let key: ObjectKey
    private let isClosed = Atomic(false)

    init(_ object: MemoryObject, key: ObjectKey) {
        self.object = object
        self.key = key
    }

    package var byteCount: Int64 { object.attributes.byteCount }

    package func append(_ bytes: ByteBuffer) async throws(StorageError) {
        try checkIsOpen()
        object.append(bytes)
    }

    package func truncate(to byteCount: Int64) async throws(StorageError) {
        try checkIsOpen()
        guard object.truncate(to: byteCount) else { throw .unwritable(key, reason: "Invalid argument") }
    }

    package func sync() async throws(StorageError) { try checkIsOpen() }

    package func close() async throws(StorageError) { isClosed.store(true, ordering: .relaxed) }

    private func checkIsOpen() throws(StorageError) {
        if isClosed.load(ordering: .relaxed) { throw .unwritable(key, reason: "Bad file descriptor") }
    }
}
