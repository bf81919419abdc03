import Glibc
import NIOPosix
import Synchronization

/// Syncs of the file system below a root, syncfs(2), that are shared: all who ask while one is being made wait for the
/// next one, and that is made once for them.
///
/// One descriptor makes them all, one after the other, so that the system tells this process of every error since the
/// root was opened. Nobody waits on a thread.
final class GroupSync: Sendable {
    private struct State {
        var isRunning = false
        var waiting: [CheckedContinuation<SystemError?, Never>] = []
    }

    /// The file system on which the root is.
    let device: UInt64
    private let root: OpenFile
    private let blocking: BlockingCalls
    private let shared: SharedSync
    private let state = Mutex(State())
    private let failed = Atomic(false)

    /// - Returns: Nil where a sync of the file system is not known to be as good as one of each file.
    init?(_ root: consuming OpenFile, blocking: BlockingCalls, shared: SharedSync) throws(SystemError) {
        guard try shared.covers(root) else { return nil }
        device = try root.status().identity.device
        self.root = root
        self.blocking = blocking
        self.shared = shared
    }

    /// Whether one of them failed: what was written before may be lost, and the system does not say so again.
    var hasFailed: Bool { failed.load(ordering: .acquiring) }

    /// Whether they take no longer than they should now.
    var isQuick: Bool { !shared.isSlow }

    /// Makes everything durable that was written before, and every name that was made or removed.
    func sync() async throws(SystemError) {
        let error: SystemError? = await withCheckedContinuation { continuation in
            let isFirst = state.withLock { state in
                state.waiting.append(continuation)
                defer { state.isRunning = true }
                return !state.isRunning
            }
            guard isFirst else { return }
            if blocking.isHere { makeFirst() } else { makeRest() }
        }
        if let error { throw error }
    }

    /// Makes one on the caller's thread, which waits for it anyway; those who asked meanwhile do not keep the caller.
    private func makeFirst() {
        guard let members = next() else { return }
        make(for: members)
        if isWanted() { makeRest() }
    }

    private func makeRest() {
        blocking.pool.submit { [self] state in
            while let members = next() {
                switch state {
                case .active: make(for: members)
                case .cancelled: end(members, SystemError(call: .syncFileSystem, code: ECANCELED))
                }
            }
        }
    }

    private func make(for members: [CheckedContinuation<SystemError?, Never>]) {
        do throws(SystemError) {
            try shared.sync(root)
            end(members, nil)
        } catch {
            failed.store(true, ordering: .releasing)
            end(members, error)
        }
    }

    /// Whether anybody waits for the next sync; nobody is making one from then on, if not.
    private func isWanted() -> Bool {
        state.withLock { state in
            state.isRunning = !state.waiting.isEmpty
            return state.isRunning
        }
    }

    /// Those who wait for the next sync; nil when nobody does, and none is made then.
    private func next() -> [CheckedContinuation<SystemError?, Never>]? {
        state.withLock { state in
            defer { state.waiting = [] }
            state.isRunning = !state.waiting.isEmpty
            return state.isRunning ? state.waiting : nil
        }
    }

    private func end(_ members: [CheckedContinuation<SystemError?, Never>], _ error: SystemError?) {
        for member in members { member.resume(returning: error) }
    }
}
