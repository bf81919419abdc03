import Logging
import RegistryCore
import ServiceLifecycle
import Settings

/// Periodically removes abandoned uploads: registry:2's `uploadpurging`.
struct UploadExpiry: Service {
    let registry: Registry
    let purging: StorageSettings.UploadPurging
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await removeAbandoned()
                do { try await Task.sleep(for: max(purging.interval, .seconds(1))) } catch { return }
            }
        }
    }

    private func removeAbandoned() async {
        let uploads = registry.uploads
        do {
            let count = try await uploads.removeAbandoned(for: purging.age, isDryRun: purging.isDryRun)
            guard count > 0 else { return }
            let message: Logger.Message = purging.isDryRun ? "abandoned uploads found" : "abandoned uploads removed"
            logger.notice(message, metadata: ["count": "\(count)"])
        } catch {
            logger.warning("cannot remove abandoned uploads", metadata: ["error": "\(Explanation.of(error))"])
        }
    }
}
