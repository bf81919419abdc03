import Glibc
package import NIOCore
import Synchronization

/// The bytes of an object in memory. Linked keys share one instance.
final class MemoryObject: Sendable {
    private struct Content {
        var modified = timespec.now.nanosecondsSince1970
        private(set) var version = ObjectVersion.next()
        var bytes: ByteBuffer {
            didSet { (modified, version) = (timespec.now.nanosecondsSince1970, .next()) }
        }

        init(bytes: ByteBuffer) { self.bytes = bytes }
    }

    private let content: Mutex<Content>

    init(_ bytes: ByteBuffer) {
        // A private copy starting at index 0: a slice would keep a whole request buffer alive.
        content = Mutex(Content(bytes: ByteBuffer(bytes: bytes.readableBytesView)))
    }

    /// The current attributes and bytes, consistently.
    var snapshot: (attributes: ObjectAttributes, bytes: ByteBuffer) {
        content.withLock { content in
            let attributes = ObjectAttributes(
                kind: .object,
                byteCount: Int64(content.bytes.readableBytes),
                modified: content.modified,
                version: content.version
            )
            return (attributes, content.bytes)
        }
    }

    /// Sets the modification time, in nanoseconds since 1970.
    func setModified(_ modified: Int64) { content.withLock { $0.modified = modified } }

    /// The current attributes.
    var attributes: ObjectAttributes { snapshot.attributes }

    /// The current bytes.
    var bytes: ByteBuffer { snapshot.bytes }

    /// Appends bytes.
    func append(_ bytes: ByteBuffer) {
        content.withLock { content in _ = content.bytes.writeImmutableBuffer(bytes) }
    }

    /// Truncates the object to its first `byteCount` bytes; returns false if it is shorter.
    func truncate(to byteCount: Int64) -> Bool {
        content.withLock { content in
            guard let kept = content.bytes.getSlice(at: 0, length: Int(max(-1, byteCount))) else { return false }
            content.bytes = kept
            return true
        }
    }
}

extension ObjectVersion {
    private static let lastNumber = Atomic<UInt64>(0)

    /// A new version, unique among objects in memory.
    static func next() -> ObjectVersion {
        ObjectVersion(number: lastNumber.add(1, ordering: .relaxed).newValue)
    }
}

/// An open object in memory.
package final class MemoryReader: ObjectReader {
    package let attributes: ObjectAttributes
    private let bytes: ByteBuffer

    init(_ object: MemoryObject) {
        (attributes, bytes) = object.snapshot
    }

    package var fileDescriptor: Int32? { nil }

    package func read(at offset: Int64, byteCount: Int) async throws(StorageError) -> ByteBuffer {
        let byteCount = min(Int64(byteCount), Int64(bytes.readableBytes) - offset)
        guard byteCount > 0, offset >= 0 else { return ByteBuffer() }
        return bytes.getSlice(at: Int(offset), length: Int(byteCount)) ?? ByteBuffer()
    }
}
