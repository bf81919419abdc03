import Logging
import RegistryCore
import ServiceLifecycle

/// Converts existing v1 images and removes abandoned v1 pushes in the background.
struct UpkeepService: Service {
    let upkeep: V1Upkeep
    let logger: Logger

    /// How often abandoned pushes are swept.
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
            // The server keeps running: images are then converted on access, and the sweep is retried in an hour.
            logger.warning("background upkeep failed", metadata: ["error": "\(Explanation.of(error))"])
        }
    }
}
