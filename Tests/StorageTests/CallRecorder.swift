import NIOPosix
import Synchronization

@testable import Storage

/// Records the system calls of a storage, and makes chosen ones fail.
final class CallRecorder: Sendable {
    /// A requested call, made or not.
    struct Call: Equatable {
        let call: SystemCall
        let path: String?
    }

    private struct State {
        var calls: [Call] = []
        var isArmed = false
    }

    private let state = Mutex(State())
    private let decide: @Sendable (_ index: Int, _ call: SystemCall, _ path: String?) -> Int32?

    /// Only records.
    convenience init() { self.init { _, _, _ in nil } }

    /// Makes a call fail with the error that `decide` returns; calls are counted from ``arm()`` on.
    init(_ decide: @escaping @Sendable (_ index: Int, _ call: SystemCall, _ path: String?) -> Int32?) {
        self.decide = decide
    }

    /// Starts recording and deciding.
    func arm() { state.withLock { $0 = State(isArmed: true) } }

    /// The calls since then.
    var calls: [Call] { state.withLock { $0.calls } }

    /// The calls for opening a storage.
    func systemCalls(transferLimit: Int = .max) -> SystemCalls {
        let fault: @Sendable (SystemCall, String?) -> Int32? = { [self] call, path in
            let index: Int? = state.withLock { state in
                guard state.isArmed else { return nil }
                state.calls.append(Call(call: call, path: path))
                return state.calls.count - 1
            }
            return index.flatMap { decide($0, call, path) }
        }
        return SystemCalls(fault: fault, transferLimit: transferLimit)
    }

    /// Opens a storage that is recorded from here on.
    ///
    /// - Parameter slowness: The duration above which a shared sync is too slow; zero to make none. The calls made must
    ///   not depend on the machine.
    /// - Parameter transferLimit: The most bytes that one call reads or writes.
    func open(
        _ root: String,
        sharingSyncsUnder slowness: Duration = .seconds(3600),
        transferLimit: Int = .max
    ) async throws -> FileSystemStorage {
        let storage = try await FileSystemStorage.open(
            root: root,
            access: .readWrite,
            threadPool: .singleton,
            calls: systemCalls(transferLimit: transferLimit),
            sharingSyncsUnder: slowness
        )
        arm()
        return storage
    }
}
