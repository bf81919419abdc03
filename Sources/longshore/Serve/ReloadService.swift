import Logging
import RegistryHTTP
import ServiceLifecycle
import Settings
import UnixSignals

/// Takes up, at SIGHUP, what can change while the server runs, without dropping a connection: users,
/// rules, certificates and the log level.
struct ReloadService: Service {
    /// Reads the configuration again.
    let load: @Sendable () throws -> RegistrySettings
    let log: LogOutput
    let access: AccessControl
    let encryption: Encryption?
    let manager: ServiceManager
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in await UnixSignalsSequence(trapping: .sighup) {
                manager.tell("RELOADING=1\nMONOTONIC_USEC=\(ServiceManager.monotonicMicroseconds)")
                await reload()
                manager.tell("READY=1")
            }
        }
        manager.tell("STOPPING=1")
    }

    private func reload() async {
        do {
            let settings = try load()
            try await access.replace(with: AccessSettings(settings))
            log.level = settings.logLevel
        } catch {
            logger.error("the configuration cannot be used and stays as it was", metadata: ["error": "\(error)"])
        }
        do {
            try encryption?.reload()
        } catch {
            logger.error("the certificate stays as it was", metadata: ["error": "\(error)"])
        }
        logger.notice("reloaded")
    }
}
