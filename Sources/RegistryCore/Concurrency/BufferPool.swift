import Synchronization

/// A memory budget shared by the bodies of many requests, so that the total is limited however many clients there are
/// and however slow they are.
package final class BufferPool: Sendable {
    /// A part of the memory, returned when the last reference to it is released.
    package final class Reservation: Sendable {
        /// The number of reserved bytes.
        package let byteCount: Int
        private let pool: BufferPool

        fileprivate init(_ byteCount: Int, of pool: BufferPool) {
            self.byteCount = byteCount
            self.pool = pool
        }

        deinit { pool.free.withLock { $0 += byteCount } }
    }

    /// For incoming layers and blobs. Without a reservation, bytes are written as they arrive, in smaller pieces.
    package static let uploads = BufferPool(byteCount: 48 << 20)
    /// For incoming documents that are collected in memory.
    package static let documents = BufferPool(byteCount: 64 << 20)
    /// For large responses held in memory until the client has received them.
    package static let wholeResponses = BufferPool(byteCount: 48 << 20)
    /// For responses that the kernel cannot send directly.
    package static let streamedResponses = BufferPool(byteCount: 48 << 20)

    private let free: Mutex<Int>

    /// Creates a budget of `byteCount` bytes, all of them free.
    package init(byteCount: Int) { free = Mutex(byteCount) }

    /// Reserves `byteCount` bytes; returns nil if they are not available.
    package func reserve(_ byteCount: Int) -> Reservation? {
        let isFree = free.withLock { free in
            guard free >= byteCount else { return false }
            free -= byteCount
            return true
        }
        return isFree ? Reservation(byteCount, of: self) : nil
    }
}
