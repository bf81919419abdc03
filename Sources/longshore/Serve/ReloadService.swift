import Logging
import Operations
import RegistryCore
import RegistryHTTP
import ServiceLifecycle
import Settings
import UnixSignals

/// At SIGHUP, reloads what can change while the server runs, without dropping a connection: users, rules for access and
/// for tags, certificates and the log level.
struct ReloadService: Service {
    /// The configuration that the server was started with.
    let started: RegistryConfiguration
    /// Rereads the configuration.
    let load: @Sendable () throws -> RegistryConfiguration
    let log: LogOutput
    /// The file of the audit log; nil without one.
    let auditFile: LineWriter?
    let access: AccessControl
    let tagRules: TagRules
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
        // A renewed certificate is loaded even when the configuration is unusable.
        let isEncryptionReloaded = reloadEncryption(configuration?.settings.http.tls)
        let isAuditFileReopened = reopenAuditFile()
        guard configuration != nil, isEncryptionReloaded, isAuditFileReopened else {
            logger.error("reload failed: settings that could not be loaded are unchanged")
            return
        }
        logger.notice("reloaded")
    }

    /// Nil when the new configuration is unusable.
    private func reloadConfiguration() async -> RegistryConfiguration? {
        do {
            let configuration = try load()
            let rules = try configuration.settings.tagRules
            try await access.replace(with: AccessSettings(configuration.settings))
            tagRules.replace(with: rules)
            log.level = configuration.settings.logLevel
            reportUnchangeable(configuration)
            return configuration
        } catch {
            logger.error(
                "cannot load the configuration; keeping the previous one",
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
            logger.error(
                "cannot load the certificate; keeping the previous one",
                metadata: ["error": "\(Explanation.of(error))"]
            )
            return false
        }
    }

    /// Opens the file anew: a program such as logrotate may have renamed it.
    private func reopenAuditFile() -> Bool {
        do {
            try auditFile?.reopen()
            return true
        } catch {
            logger.error("cannot reopen the audit log", metadata: ["error": "\(Explanation.of(error))"])
            return false
        }
    }

    /// Logs the changed keys that take effect only after a restart.
    private func reportUnchangeable(_ configuration: RegistryConfiguration) {
        var taken = [
            "auth.", "access", "immutable", "retention", "legacy.search-without-login", "log.level", "loglevel",
        ]
        if encryption != nil, configuration.settings.http.tls != nil { taken += ["http.tls.", "http.http2."] }
        let keys = zip(started.values, configuration.values).filter { $0.text != $1.text }.map(\.0.key)
            .filter { key in !taken.contains { key.hasPrefix($0) } }
        guard !keys.isEmpty else { return }
        logger.warning("these changes take effect after a restart", metadata: ["keys": "\(keys)"])
    }
}
