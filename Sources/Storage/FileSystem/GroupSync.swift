import Glibc
import NIOPosix
import Synchronization

/// File system syncs, syncfs(2), shared between callers. Callers that arrive while one is running wait for the next,
/// which runs once for all of them.
///
/// A single descriptor makes all of them, one after the other, so that the kernel reports every error since the root
/// was opened. No caller blocks a thread.
final class GroupSync: Sendable {
    private struct State {
        /// The number of callers for whom a sync is being made; nil while nobody makes any.
        var servedCount: Int?
        var waiting: [CheckedContinuation<SystemError?, Never>] = []
    }

    /// The file system of the root.
    let device: UInt64
    private let root: OpenFile
    private let blocking: BlockingCalls
    private let shared: SharedSync
    private let state = Mutex(State())
    private let failed = Atomic(false)

    /// - Returns: Nil if a file system sync is not known to be as reliable as syncing each file.
    init?(_ root: consuming OpenFile, blocking: BlockingCalls, shared: SharedSync) throws(SystemError) {
        guard try shared.covers(root) else { return nil }
        device = try root.status().identity.device
        self.root = root
        self.blocking = blocking
        self.shared = shared
    }

    /// Whether a sync has failed: earlier writes may be lost, and the kernel will not report it again.
    var hasFailed: Bool { failed.load(ordering: .acquiring) }

    /// Whether syncs are currently fast enough.
    var isQuick: Bool { !shared.isSlow }

    /// The number of callers waiting, including those for whom a sync is being made.
    var callerCount: Int { state.withLock { ($0.servedCount ?? 0) + $0.waiting.count } }

    /// Makes all earlier writes and name changes durable.
    func sync() async throws(SystemError) {
        let error: SystemError? = await withCheckedContinuation { continuation in
            let isFirst = state.withLock { state in
                state.waiting.append(continuation)
                defer { state.servedCount = state.servedCount ?? 0 }
                return state.servedCount == nil
            }
            guard isFirst else { return }
            if blocking.isHere { makeFirst() } else { makeRest() }
        }
        if let error { throw error }
    }

    /// Runs one sync on the caller's thread, which would wait anyway. Callers that arrive meanwhile do not delay it.
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

    /// Whether anyone waits for the next sync. If not, marks syncing as stopped.
    private func isWanted() -> Bool {
        state.withLock { state in
            state.servedCount = state.waiting.isEmpty ? nil : 0
            return state.servedCount != nil
        }
    }

    /// The callers waiting for the next sync; nil if there are none, and syncing stops.
    private func next() -> [CheckedContinuation<SystemError?, Never>]? {
        state.withLock { state in
            defer { state.waiting = [] }
            state.servedCount = state.waiting.isEmpty ? nil : state.waiting.count
            return state.servedCount == nil ? nil : state.waiting
        }
    }

    private func end(_ members: [CheckedContinuation<SystemError?, Never>], _ error: SystemError?) {
        for member in members { member.resume(returning: error) }
    }
}
