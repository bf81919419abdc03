import NIOCore
import Storage
import Synchronization
import TestSupport

/// A storage in which some objects cannot be opened until the gate is open, so that a test controls how long reads
/// take.
final class GatedStorage: ForwardingStorage {
    private enum Gate {
        case closed([CheckedContinuation<Void, Never>])
        case open
    }

    let base: any ObjectStorage
    private let isGated: @Sendable (ObjectKey) -> Bool
    private let gate = Mutex(Gate.closed([]))

    init(_ base: any ObjectStorage, _ isGated: @escaping @Sendable (ObjectKey) -> Bool) {
        self.base = base
        self.isGated = isGated
    }

    /// Lets waiting and later callers through.
    func open() {
        let waiting = gate.withLock { gate in
            defer { gate = .open }
            if case .closed(let waiting) = gate { return waiting }
            return []
        }
        for continuation in waiting { continuation.resume() }
    }

    func open(_ key: ObjectKey) async throws(StorageError) -> (any ObjectReader)? {
        if isGated(key) { await wait() }
        return try await base.open(key)
    }

    private func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = gate.withLock { gate in
                guard case .closed(let waiting) = gate else { return true }
                gate = .closed(waiting + [continuation])
                return false
            }
            if isOpen { continuation.resume() }
        }
    }
}
