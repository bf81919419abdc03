import NIOCore
import Storage
import Synchronization
import TestSupport

/// A storage on a failing medium, or one that others write to: opening one object goes wrong.
final class UnsteadyStorage: ForwardingStorage {
    /// What happens when the object is opened or read.
    enum Fault: Sendable {
        /// Reading fails, as with EIO.
        case failing
        /// Every read returns other bytes.
        case changing
        /// The object ends before its size.
        case short
        /// Somebody replaces the object after it was opened.
        case replaced(ByteBuffer)
        /// Somebody removes the object after it was opened.
        case removed
    }

    let base: any ObjectStorage
    private let fault = Mutex<(key: ObjectKey, fault: Fault)?>(nil)
    private let openCount = Mutex(0)

    init(_ base: any ObjectStorage) { self.base = base }

    /// From now on, opening `key` goes wrong.
    func set(_ fault: Fault?, for key: ObjectKey) { self.fault.withLock { $0 = fault.map { (key, $0) } } }

    func open(_ key: ObjectKey) async throws(StorageError) -> (any ObjectReader)? {
        guard let (wrong, fault) = self.fault.withLock({ $0 }), wrong == key, let reader = try await base.open(key)
        else {
            return try await base.open(key)
        }
        let count = openCount.withLock { count in
            count += 1
            return count
        }
        switch fault {
        case .failing: throw .failing(key, reason: "Input/output error")
        case .changing: return UnsteadyReader(base: reader, mask: UInt8(truncatingIfNeeded: count), isShort: false)
        case .short: return UnsteadyReader(base: reader, mask: 0, isShort: true)
        case .replaced(let bytes): try await base.write(bytes, to: key)
        case .removed: try await base.remove(key)
        }
        return reader
    }
}

/// A reader that changes or withholds bytes.
private struct UnsteadyReader: ObjectReader {
    let base: any ObjectReader
    let mask: UInt8
    let isShort: Bool

    var attributes: ObjectAttributes { base.attributes }
    var fileDescriptor: Int32? { nil }

    func read(at offset: Int64, byteCount: Int) async throws(StorageError) -> ByteBuffer {
        let bytes = try await base.read(at: offset, byteCount: byteCount)
        if isShort { return offset > 0 ? ByteBuffer() : ByteBuffer(bytes: bytes.readableBytesView.dropLast()) }
        return ByteBuffer(bytes: bytes.readableBytesView.map { $0 ^ mask })
    }
}
