import Logging
import RegistryCore

/// Work for operators that takes longer than a request should: it runs beside, and pages show its last result.
struct OperatorWork: Sendable {
    /// What a collection would remove.
    let rehearsal = LastResult<CollectionReport>()
    /// The bytes that repositories take.
    let usage = LastResult<StorageUsage>()
    private let registry: Registry
    private let logger: Logger

    init(registry: Registry, logger: Logger) {
        self.registry = registry
        self.logger = logger
    }

    /// Begins a dry run of a collection, unless one is running.
    func rehearse(_ policy: CollectionPolicy) async {
        await rehearsal.begin(logger) { try await registry.collector.run(policy) }
    }

    /// Begins to measure the storage, unless that is running.
    func measure() async {
        await usage.begin(logger) { try await registry.usage() }
    }
}

/// The last result of work of one kind, of which one runs at a time.
actor LastResult<Value: Sendable> {
    /// What pages show about the work.
    struct State: Sendable {
        var isRunning = false
        var value: Value?
        /// When it last ended.
        var end: ContinuousClock.Instant?
        var hasFailed = false

        /// The state in words; `fallback` before the first run.
        func sentence(of name: String, unless fallback: String?) -> String? {
            if isRunning { return "A \(name) is running. Load this page again to see its result." }
            if hasFailed { return "The last \(name) failed; the server's log says why." }
            guard let end else { return fallback }
            return "The last \(name) ended \(PageFormat.duration(.now - end)) ago."
        }
    }

    private(set) var state = State()

    /// Begins the work, unless it is running.
    func begin(_ logger: Logger, _ work: @escaping @Sendable () async throws -> Value) {
        guard !state.isRunning else { return }
        state.isRunning = true
        Task {
            do { end(try await work()) } catch {
                logger.warning("work for the web page failed", metadata: ["error": "\(error)"])
                end(nil)
            }
        }
    }

    private func end(_ value: Value?) {
        state.isRunning = false
        state.hasFailed = value == nil
        state.end = .now
        if let value { state.value = value }
    }
}
