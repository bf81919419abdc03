import Logging
import RegistryCore
import ServiceLifecycle

/// Converts what a v1 registry left behind, and throws away what nobody went on with, beside the server.
struct UpkeepService: Service {
    let upkeep: V1Upkeep
    let logger: Logger

    /// How often pushes that were given up are looked for.
    private static let interval = Duration.seconds(3600)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await attempt { try await upkeep.convertAll() }
            while !Task.isCancelled {
                await attempt { try await upkeep.sweep() }
                do { try await Task.sleep(for: Self.interval) } catch { return }
            }
        }
    }

    private func attempt(_ work: () async throws -> Void) async {
        do {
            try await work()
        } catch is CancellationError {
            return
        } catch {
            // The server serves on: what was left undone is done when it is asked for, or an hour later.
            logger.warning("upkeep was cut short", metadata: ["error": "\(Explanation.of(error))"])
        }
    }
}
