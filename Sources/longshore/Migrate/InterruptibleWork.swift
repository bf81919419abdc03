import Glibc
import UnixSignals

/// Work that SIGINT or SIGTERM cancels in good order.
enum InterruptibleWork {
    /// How the work ended.
    enum Outcome<Value: Sendable>: Sendable {
        case finished(Value)
        /// A signal stopped it: the partial result, if any, and the exit status for that signal.
        case interrupted(Value?, status: Int32)

        /// The result, whole or partial.
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

    /// Runs `work`, cancels it at SIGINT or SIGTERM, and waits for it to end.
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
                        Console.note("Stopping: abandoning layers in progress.")
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
    /// Keeps freed memory for later allocations, where the C library can be told to.
    ///
    /// By default glibc returns pieces as large as our layer buffers to the system as soon as they are freed. The next
    /// buffer then page-faults on each of its pages: a third of all system time in a migration.
    static func keep() {
        // mallopt(3) is declared in a header that Swift does not import.
        guard let program = dlopen(nil, RTLD_NOW), let symbol = dlsym(program, "mallopt") else { return }
        let setOption = unsafeBitCast(symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)
        for option in [mapThreshold, trimThreshold] { _ = setOption(option, byteCount) }
    }

    /// M_MMAP_THRESHOLD: the largest piece that is allocated from the heap.
    private static let mapThreshold: Int32 = -3
    /// M_TRIM_THRESHOLD: how much free memory is kept at the end of the heap.
    private static let trimThreshold: Int32 = -1
    /// The largest value glibc accepts for either.
    private static let byteCount: Int32 = 32 << 20
}
