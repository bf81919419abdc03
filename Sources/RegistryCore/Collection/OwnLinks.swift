import Storage
import Synchronization

/// The links that this process has written in the current epoch: all others that are as new are another program's.
final class OwnLinks: Sendable {
    private struct State {
        /// Those that are being written, by their hashes, and how many writers each has.
        var current: [Int: Int] = [:]
        /// Those that were written.
        var written: Set<Int> = []
    }

    private let state = Mutex(State())

    /// Links are about to be written.
    func begin(_ links: [ObjectKey]) {
        state.withLock { state in
            for link in links { state.current[link.hashValue, default: 0] += 1 }
        }
    }

    /// Links were written, or that failed.
    func end(_ links: [ObjectKey]) {
        state.withLock { state in
            for hash in links.map(\.hashValue) {
                let count = state.current[hash] ?? 1
                state.current[hash] = count > 1 ? count - 1 : nil
                state.written.insert(hash)
            }
        }
    }

    /// Whether a link was written, or is being written.
    func contains(_ link: ObjectKey) -> Bool {
        let hash = link.hashValue
        return state.withLock { $0.written.contains(hash) || $0.current[hash] != nil }
    }

    /// Forgets what was written: an epoch begins. What is being written may be newer than its beginning.
    func forget() { state.withLock { $0.written = [] } }
}
