package import Logging
import RegistryHTTP
import Synchronization

/// The results of all health checks.
package final class HealthChecks: ServiceHealth {
    private struct State {
        /// The reasons of the checks that fail, by their names.
        var failures: [String: String] = [:]
        /// How often in a row each check has failed.
        var counts: [String: Int] = [:]
        /// The checks that refuse requests while they fail.
        var refusing: Set<String> = []
        /// The names of all checks.
        var names: Set<String> = []
    }

    private let state = Mutex(State())
    private let logger: Logger

    /// - Parameter logger: Receives a line when a check begins to fail, and when it passes again.
    package init(logger: Logger) { self.logger = logger }

    /// The checks that fail, and why.
    package var failures: [String: String] { state.withLock { $0.failures } }

    /// Whether each check passes, by its name.
    package var results: [String: Bool] {
        state.withLock { state in
            Dictionary(uniqueKeysWithValues: state.names.map { ($0, state.failures[$0] == nil) })
        }
    }

    /// Why requests are refused; nil if they are not.
    package var refusal: String? {
        state.withLock { state in
            guard state.failures.keys.contains(where: state.refusing.contains) else { return nil }
            // registry:2's words. The reasons may name files and hosts, which are not for clients.
            return "health check failed: please see /debug/health"
        }
    }

    /// Records the result of a check.
    ///
    /// - Parameters:
    ///   - reason: Why it failed; nil if it passed.
    ///   - threshold: How often in a row it must fail before it counts.
    ///   - refuses: Whether requests are refused while it fails.
    package func record(_ name: String, failure reason: String?, threshold: Int = 1, refuses: Bool) {
        let change: Bool? = state.withLock { state in
            state.names.insert(name)
            let wasFailing = state.failures[name] != nil
            guard let reason else {
                state.counts[name] = 0
                state.failures[name] = nil
                state.refusing.remove(name)
                return wasFailing ? false : nil
            }
            let (count, _) = (state.counts[name] ?? 0).addingReportingOverflow(1)
            state.counts[name] = min(count, 1 << 20)
            guard wasFailing || count >= threshold else { return nil }
            state.failures[name] = reason
            if refuses { state.refusing.insert(name) }
            return wasFailing ? nil : true
        }
        switch change {
        case true?:
            logger.error("health check failed", metadata: ["check": "\(name)", "error": "\(reason ?? "")"])
        case false?: logger.notice("health check passes again", metadata: ["check": "\(name)"])
        case nil: break
        }
    }
}
