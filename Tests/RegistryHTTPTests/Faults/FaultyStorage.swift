import NIOCore
import Storage
import Synchronization
import TestSupport

/// A storage of which one change fails or takes its time, counted from when it is armed. The changes of a batch are made
/// one after the other, and each counts.
final class FaultyStorage: ForwardingStorage {
    /// In what way a change fails.
    enum Fault: CaseIterable, Sendable {
        /// EIO: nothing is done.
        case failing
        /// ENOSPC: nothing is done.
        case full
        /// It is done, and an error is reported all the same: as when a sync fails behind it.
        case unconfirmed
    }

    private struct State {
        var fault: Fault?
        var remaining = 0
        var hasFailed = false
        var delay = Delay.none
    }

    /// The change that takes its time.
    private enum Delay {
        case none
        /// So many come before it; whoever wants to know of it waits.
        case expected(remaining: Int, CheckedContinuation<Bool, Never>?)
        /// It waits.
        case waiting(CheckedContinuation<Void, Never>)
    }

    let base: any ObjectStorage
    private let state = Mutex(State())

    init(_ base: any ObjectStorage) { self.base = base }

    /// Lets the change with this number fail, from 0 on.
    func arm(_ fault: Fault, at number: Int) {
        state.withLock { $0 = State(fault: fault, remaining: number) }
    }

    /// Lets nothing fail any more; answers whether something did.
    func disarm() -> Bool {
        state.withLock { state in
            defer { state = State() }
            return state.hasFailed
        }
    }

    /// Lets the change with this number wait, from 0 on, until ``proceed()`` is called.
    func delay(at number: Int) { state.withLock { $0.delay = .expected(remaining: number, nil) } }

    /// Returns true once that change waits, and false once it is known that it will not.
    func isDelayed() async -> Bool {
        await withCheckedContinuation { continuation in
            let isDelayed: Bool? = state.withLock { state in
                switch state.delay {
                case .none: return false
                case .waiting: return true
                case .expected(let remaining, _):
                    state.delay = .expected(remaining: remaining, continuation)
                    return nil
                }
            }
            if let isDelayed { continuation.resume(returning: isDelayed) }
        }
    }

    /// Lets the change that waits be made, and no other wait.
    func proceed() {
        let delay = state.withLock { state in
            defer { state.delay = .none }
            return state.delay
        }
        switch delay {
        case .none: break
        case .expected(_, let asking): asking?.resume(returning: false)
        case .waiting(let change): change.resume()
        }
    }

    private func wait() async {
        await withCheckedContinuation { change in
            let (isNow, asking): (Bool, CheckedContinuation<Bool, Never>?) = state.withLock { state in
                guard case .expected(let remaining, let asking) = state.delay else { return (false, nil) }
                guard remaining == 0 else {
                    state.delay = .expected(remaining: remaining - 1, asking)
                    return (false, nil)
                }
                state.delay = .waiting(change)
                return (true, asking)
            }
            asking?.resume(returning: true)
            if !isNow { change.resume() }
        }
    }

    private func changing<Value>(
        _ key: ObjectKey,
        _ change: () async throws(StorageError) -> Value
    ) async throws(StorageError) -> Value {
        let fault: Fault? = state.withLock { state in
            guard let fault = state.fault, !state.hasFailed else { return nil }
            state.remaining -= 1
            state.hasFailed = state.remaining < 0
            return state.hasFailed ? fault : nil
        }
        await wait()
        switch fault {
        case nil: return try await change()
        case .failing: throw .unwritable(key, reason: "Input/output error")
        case .full: throw .full(key, reason: "No space left on device")
        case .unconfirmed:
            _ = try await change()
            throw .unwritable(key, reason: "Input/output error")
        }
    }

    func commit(_ batch: WriteBatch) async throws(StorageError) {
        try await commit(batch) { (key, single) async throws(StorageError) in
            try await changing(key) { () async throws(StorageError) in try await base.commit(single) }
        }
    }

    func stage(_ purpose: StagingPurpose) async throws(StorageError) -> any StagedObject {
        ForwardingStagedObject(try await base.stage(purpose)) { [self] key, change async throws(StorageError) in
            try await changing(key, change)
        }
    }

    func removeAll(below prefix: ObjectKey, first keys: [ObjectKey]) async throws(StorageError) {
        for key in keys { try await remove(key) }
        try await changing(prefix) { () async throws(StorageError) in try await base.removeAll(below: prefix) }
    }
}
