import NIOCore
import Storage
import Synchronization
import TestSupport

/// A storage in which one change fails or is delayed, counted from when it is armed. The changes of a batch are made
/// one after the other, and each counts.
final class FaultyStorage: ForwardingStorage {
    /// The way a change fails.
    enum Fault: CaseIterable, Sendable {
        /// EIO: nothing is done.
        case failing
        /// ENOSPC: nothing is done.
        case full
        /// The change is made, but an error is reported, as when a later sync fails.
        case unconfirmed
    }

    private struct State {
        var fault: Fault?
        var remaining = 0
        var hasFailed = false
        var delay = Delay.none
    }

    /// The delayed change.
    private enum Delay {
        case none
        /// This many changes come before it; the continuation waits for it.
        case expected(remaining: Int, CheckedContinuation<Bool, Never>?)
        /// It is waiting.
        case waiting(CheckedContinuation<Void, Never>)
    }

    let base: any ObjectStorage
    private let state = Mutex(State())

    init(_ base: any ObjectStorage) { self.base = base }

    /// Makes the change with this number fail, counting from 0.
    func arm(_ fault: Fault, at number: Int) {
        state.withLock { $0 = State(fault: fault, remaining: number) }
    }

    /// Lets changes succeed again, and returns whether one has failed.
    func disarm() -> Bool {
        state.withLock { state in
            defer { state = State() }
            return state.hasFailed
        }
    }

    /// Delays the change with this number, counting from 0, until ``proceed()`` is called.
    func delay(at number: Int) { state.withLock { $0.delay = .expected(remaining: number, nil) } }

    /// Returns true once that change is waiting, and false once it is certain that it will not.
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

    /// Lets the delayed change proceed, and delays no other.
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
