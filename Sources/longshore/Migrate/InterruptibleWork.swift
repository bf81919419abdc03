import Glibc
import UnixSignals

/// Work that ends early and in order when the process is asked to stop.
enum InterruptibleWork {
    /// How the work ended.
    enum Outcome<Value: Sendable>: Sendable {
        case finished(Value)
        /// It was asked to stop; what it had by then, if anything, and the exit status that says so.
        case interrupted(Value?, status: Int32)

        /// What there is of it.
        var value: Value? {
            switch self {
            case .finished(let value): value
            case .interrupted(let value, _): value
            }
        }
    }

    private enum Event<Value: Sendable>: Sendable {
        case value(Value)
        case signal(UnixSignal)
        case noSignal
    }

    /// Does `work`, which is cancelled by SIGINT or SIGTERM, and waits for it to end.
    static func run<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Outcome<
        Value
    > {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        return try await withThrowingTaskGroup(of: Event<Value>.self) { group in
            group.addTask { .value(try await work()) }
            group.addTask {
                for await signal in signals { return .signal(signal) }
                return .noSignal
            }
            defer { group.cancelAll() }
            var status: Int32?
            while true {
                do {
                    switch try await group.next() {
                    case .value(let value):
                        return status.map { .interrupted(value, status: $0) } ?? .finished(value)
                    case .signal(let signal):
                        status = 128 + signal.rawValue
                        Console.note("Stopping: layers that are being read are given up.")
                        group.cancelAll()
                    case .noSignal: continue
                    case nil: throw CancellationError()
                    }
                } catch {
                    guard let status else { throw error }
                    return .interrupted(nil, status: status)
                }
            }
        }
    }
}

/// Memory that this process has freed.
enum FreedMemory {
    /// Keeps it for what is allocated next, where the C library can be told to.
    ///
    /// glibc gives a piece as large as those that layers are read in back to the system as soon as it is free. The next
    /// one costs a page fault for each of its pages then: in a migration a third of all that the system does.
    static func keep() {
        // mallopt(3) is in a header that Swift does not import.
        guard let program = dlopen(nil, RTLD_NOW), let symbol = dlsym(program, "mallopt") else { return }
        let setOption = unsafeBitCast(symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)
        for option in [mapThreshold, trimThreshold] { _ = setOption(option, byteCount) }
    }

    /// M_MMAP_THRESHOLD: how large a piece comes out of a heap at most.
    private static let mapThreshold: Int32 = -3
    /// M_TRIM_THRESHOLD: how much stays free at the end of a heap.
    private static let trimThreshold: Int32 = -1
    /// The most that glibc takes for either.
    private static let byteCount: Int32 = 32 << 20
}
