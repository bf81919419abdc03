import Logging
import ServiceLifecycle

/// Something that is checked at intervals: `health`.
package struct HealthCheck: Sendable {
    /// registry:2's time between two checks.
    package static let usualInterval = Duration.seconds(10)

    /// Its name in the results.
    let name: String
    /// The time between two checks.
    let interval: Duration
    /// How often in a row it must fail before it counts.
    let threshold: Int
    /// Whether requests are refused while it fails, as by registry:2.
    let refuses: Bool
    /// Returns why it fails; nil if it passes.
    let check: @Sendable () async -> String?

    package init(
        _ name: String,
        every interval: Duration,
        threshold: Int,
        refuses: Bool = true,
        _ check: @escaping @Sendable () async -> String?
    ) {
        self.name = name
        self.interval = max(interval, .milliseconds(100))
        self.threshold = max(1, threshold)
        self.refuses = refuses
        self.check = check
    }

    /// Checks once.
    package func run(_ checks: HealthChecks) async {
        let reason = await check()
        guard !Task.isCancelled else { return }
        checks.record(name, failure: reason, threshold: threshold, refuses: refuses)
    }
}

/// Runs health checks at their intervals.
package struct HealthService: Service {
    private let checks: [HealthCheck]
    private let results: HealthChecks

    package init(_ checks: [HealthCheck], _ results: HealthChecks) {
        self.checks = checks
        self.results = results
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for check in checks {
                    group.addTask {
                        while !Task.isCancelled {
                            await check.run(results)
                            do { try await Task.sleep(for: check.interval) } catch { return }
                        }
                    }
                }
                // A server without checks has this service too, and a service that returns ends the program.
                if checks.isEmpty { while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) } }
            }
        }
    }
}
