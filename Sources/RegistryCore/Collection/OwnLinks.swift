import Storage
import Synchronization

/// The links that this process wrote in the current epoch. Any other link as new was written by another program.
final class OwnLinks: Sendable {
    private struct State {
        /// Links being written, by hash, with the number of their writers.
        var current: [Int: Int] = [:]
        /// The hashes of links that were written.
        var written: Set<Int> = []
    }

    private let state = Mutex(State())

    /// Records that links are about to be written.
    func begin(_ links: [ObjectKey]) {
        state.withLock { state in
            for link in links { state.current[link.hashValue, default: 0] += 1 }
        }
    }

    /// Records that links were written, or that the write failed.
    func end(_ links: [ObjectKey]) {
        state.withLock { state in
            for hash in links.map(\.hashValue) {
                let count = state.current[hash] ?? 1
                state.current[hash] = count > 1 ? count - 1 : nil
                state.written.insert(hash)
            }
        }
    }

    /// Whether a link was written or is being written.
    func contains(_ link: ObjectKey) -> Bool {
        let hash = link.hashValue
        return state.withLock { $0.written.contains(hash) || $0.current[hash] != nil }
    }

    /// Forgets written links at the start of an epoch, but not those being written: they may be newer than its start.
    func forget() { state.withLock { $0.written = [] } }
}
