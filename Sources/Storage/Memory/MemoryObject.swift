import Glibc
import NIOCore
import Synchronization

/// The bytes of one object in memory; several keys share it when they were linked.
final class MemoryObject: Sendable {
    private struct Content {
        var bytes: ByteBuffer
        var modified: Int64
    }

    private static let lastIdentity = Atomic<UInt64>(0)

    private let content: Mutex<Content>
    private let identity: UInt64

    init(_ bytes: ByteBuffer) {
        // Its own bytes, from index 0 on: a slice of a request must not keep that alive.
        content = Mutex(Content(bytes: ByteBuffer(bytes: bytes.readableBytesView), modified: Self.now()))
        identity = Self.lastIdentity.add(1, ordering: .relaxed).newValue
    }

    /// What is known of the object now, and its bytes.
    var snapshot: (attributes: ObjectAttributes, bytes: ByteBuffer) {
        content.withLock { content in
            let attributes = ObjectAttributes(
                kind: .object,
                byteCount: Int64(content.bytes.readableBytes),
                modified: content.modified,
                identity: identity
            )
            return (attributes, content.bytes)
        }
    }

    /// What is known of the object now.
    var attributes: ObjectAttributes { snapshot.attributes }

    /// The bytes as they are now.
    var bytes: ByteBuffer { snapshot.bytes }

    /// Adds bytes at the end.
    func append(_ bytes: ByteBuffer) {
        content.withLock { content in
            content.bytes.writeImmutableBuffer(bytes)
            content.modified = Self.now()
        }
    }

    /// Cuts the bytes to the first `byteCount`, and answers false when there are fewer.
    func truncate(to byteCount: Int64) -> Bool {
        content.withLock { content in
            guard let kept = content.bytes.getSlice(at: 0, length: Int(max(-1, byteCount))) else { return false }
            content.bytes = kept
            content.modified = Self.now()
            return true
        }
    }

    private static func now() -> Int64 { timespec.now.nanosecondsSince1970 }
}
