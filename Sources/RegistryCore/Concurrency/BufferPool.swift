import Synchronization

/// Memory that the bodies of many requests share: so much for all of them, however many clients there are and however
/// slowly they send or read.
package final class BufferPool: Sendable {
    /// A part of the memory, given back with the last reference to it.
    package final class Reservation: Sendable {
        /// How many bytes were reserved.
        package let byteCount: Int
        private let pool: BufferPool

        fileprivate init(_ byteCount: Int, of pool: BufferPool) {
            self.byteCount = byteCount
            self.pool = pool
        }

        deinit { pool.free.withLock { $0 += byteCount } }
    }

    /// For layers and blobs that arrive: without a reservation, what comes is written as it comes, in smaller pieces.
    package static let uploads = BufferPool(byteCount: 48 << 20)
    /// For documents that arrive and are gathered whole.
    package static let documents = BufferPool(byteCount: 64 << 20)
    /// For large responses that are in memory whole until the client has taken them.
    package static let wholeResponses = BufferPool(byteCount: 48 << 20)
    /// For responses that the kernel cannot send by itself.
    package static let streamedResponses = BufferPool(byteCount: 48 << 20)

    private let free: Mutex<Int>

    package init(byteCount: Int) { free = Mutex(byteCount) }

    /// Reserves `byteCount` bytes; nil when so many are not free.
    package func reserve(_ byteCount: Int) -> Reservation? {
        let isFree = free.withLock { free in
            guard free >= byteCount else { return false }
            free -= byteCount
            return true
        }
        return isFree ? Reservation(byteCount, of: self) : nil
    }
}
