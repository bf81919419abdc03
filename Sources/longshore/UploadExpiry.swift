import Logging
import RegistryCore
import ServiceLifecycle

/// Throws away, once a day, the uploads that nobody has gone on with for a week: registry:2's `uploadpurging`.
struct UploadExpiry: Service {
    let registry: Registry
    let logger: Logger
    var age = Duration.seconds(7 * 24 * 3600)
    var interval = Duration.seconds(24 * 3600)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await removeAbandoned()
                do { try await Task.sleep(for: interval) } catch { return }
            }
        }
    }

    private func removeAbandoned() async {
        do {
            let count = try await registry.uploads.removeAbandoned(for: age)
            if count > 0 { logger.notice("abandoned uploads removed", metadata: ["count": "\(count)"]) }
        } catch {
            logger.warning("abandoned uploads cannot be removed", metadata: ["error": "\(error)"])
        }
    }
}
