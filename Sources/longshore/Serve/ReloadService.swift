import Logging
import RegistryHTTP
import ServiceLifecycle
import Settings
import UnixSignals

/// Takes up, at SIGHUP, what can change while the server runs, without dropping a connection: users,
/// rules, certificates and the log level.
struct ReloadService: Service {
    /// What holds since the start.
    let started: RegistryConfiguration
    /// Reads the configuration again.
    let load: @Sendable () throws -> RegistryConfiguration
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
        let configuration = await reloadConfiguration()
        // A renewed certificate counts even when the configuration is of no use now.
        let isEncryptionReloaded = reloadEncryption(configuration?.settings.http.tls)
        guard configuration != nil, isEncryptionReloaded else {
            logger.error("reload failed: what cannot be used stays as it was")
            return
        }
        logger.notice("reloaded")
    }

    /// Nil when it is of no use.
    private func reloadConfiguration() async -> RegistryConfiguration? {
        do {
            let configuration = try load()
            try await access.replace(with: AccessSettings(configuration.settings))
            log.level = configuration.settings.logLevel
            reportUnchangeable(configuration)
            return configuration
        } catch {
            logger.error(
                "the configuration cannot be used and stays as it was",
                metadata: ["error": "\(Explanation.of(error))"]
            )
            return nil
        }
    }

    private func reloadEncryption(_ settings: TLSSettings?) -> Bool {
        guard let encryption else { return true }
        do {
            try encryption.replace(with: settings.map(EncryptionPolicy.init) ?? encryption.policy)
            return true
        } catch {
            logger.error("the certificate stays as it was", metadata: ["error": "\(Explanation.of(error))"])
            return false
        }
    }

    /// Says which keys have changed that count at a start alone.
    private func reportUnchangeable(_ configuration: RegistryConfiguration) {
        var taken = ["auth.", "access", "legacy.search-without-login", "log.level", "loglevel"]
        if encryption != nil, configuration.settings.http.tls != nil { taken += ["http.tls.", "http.http2."] }
        let keys = zip(started.values, configuration.values).filter { $0.text != $1.text }.map(\.0.key)
            .filter { key in !taken.contains { key.hasPrefix($0) } }
        guard !keys.isEmpty else { return }
        logger.warning("changed keys count when the server is started again", metadata: ["keys": "\(keys)"])
    }
}
