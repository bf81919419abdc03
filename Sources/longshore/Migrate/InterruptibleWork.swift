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
