import Foundation
import HTTPTypes
import ImageModel
import Logging
import RegistryCore
import RegistryHTTP
import Settings
import SystemLibraries

/// Translations of the settings into those of the registry, the service and the server.
extension RegistrySettings {
    /// The configuration for opening the registry.
    ///
    /// - Parameter isBackgroundSafe: Whether converting everything takes next to no space, so it needs no consent.
    func registry(isBackgroundSafe: Bool) throws -> Registry.Configuration {
        var configuration = Registry.Configuration(
            conversionConcurrency: ProcessInfo.processInfo.activeProcessorCount,
            v1: legacy(isBackgroundSafe: isBackgroundSafe),
            compatibility: try compatibility,
            indexCompleteness: try indexCompleteness
        )
        configuration.uploadLimit = http.limits.uploadCount
        configuration.begunImageLimit = http.limits.begunImageCount
        configuration.layerLimits = LayerLimits(
            outputByteCount: layers.outputByteCount,
            expansion: layers.expansion,
            time: layers.time
        )
        configuration.tagRules = try tagRules
        return configuration
    }

    /// - Parameter isBackgroundSafe: Whether converting everything takes next to no space, so it needs no consent.
    func legacy(isBackgroundSafe: Bool) -> V1Settings {
        V1Settings(
            conversion: oldClients.conversion.flatMap(V1Settings.Conversion.init(rawValue:))
                ?? (isBackgroundSafe ? .background : .onAccess),
            conversionWait: oldClients.conversionWait,
            access: V1Settings.Access(rawValue: oldClients.access) ?? .enabled,
            isSearchEnabled: oldClients.isSearchEnabled,
            hidesV2UpTo: oldClients.hidesV2From.flatMap { DockerRelease(parsing: $0) }
        )
    }

    /// Refuses values that are well-formed but unusable for the server, without opening a file.
    func validate() throws {
        _ = try compatibility
        _ = try indexCompleteness
        _ = try headerFields
        _ = try tagRules
        try checkRules(try AccessSettings(self))
        try checkNamedFiles()
        if let debug = http.debug { _ = try ListenAddress(parsing: debug.address) }
        if let tls = http.tls { try EncryptionPolicy(tls).validate() }
        if case .token(let token) = authentication {
            for name in token.algorithms where SigningAlgorithm(rawValue: name) == nil {
                throw UnusableTokenSettings.algorithm(name)
            }
        }
        if let version = oldClients.hidesV2From, DockerRelease(parsing: version) == nil {
            throw UnusableSetting("legacy.hide-v2-from is '\(version)': expected a Docker version like 1.5, or false")
        }
        if !http.isUnixSocket { _ = try ListenAddress(parsing: http.address) }
    }

    /// Refuses rules that can never allow anything: the operator meant something else.
    private func checkRules(_ access: AccessSettings) throws {
        let groups = groupsFile == nil ? Set(self.groups.keys) : nil
        for (index, rule) in (access.rules?.rules ?? []).enumerated() {
            guard let futility = rule.futility(hasLogin: authentication != nil, groups: groups) else { continue }
            throw UnusableSetting("access.\(index) can never allow anything: \(futility)")
        }
    }

    /// Settings for clients that cannot use images as stored.
    var compatibility: CompatibilitySettings {
        get throws {
            guard
                let settings = CompatibilitySettings(
                    offersSchema1: oldClients.offersSchema1,
                    platform: oldClients.platform
                )
            else {
                throw UnusableSetting("compatibility.platform is '\(oldClients.platform)': use one like linux/amd64")
            }
            return settings
        }
    }

    /// Which manifests of an index must be present before the index is accepted.
    var indexCompleteness: IndexCompleteness {
        get throws {
            switch indexes.platforms {
            case "none": return .none
            case "list":
                return .platforms(
                    try indexes.platformList.enumerated().map { index, platform in
                        guard !platform.os.isEmpty, !platform.architecture.isEmpty else {
                            let key = "validation.manifests.indexes.platformlist.\(index)"
                            throw UnusableSetting("\(key) needs both architecture and os")
                        }
                        return Platform(os: platform.os, architecture: platform.architecture)
                    }
                )
            default: return .all
            }
        }
    }

    /// The settings of both protocols' handlers.
    ///
    /// - Parameter history: Which registry wrote the directory first.
    func service(over history: DirectoryHistory) -> ServiceSettings {
        var settings = ServiceSettings()
        settings.allowsDeletes = storage.allowsDeletes ?? false
        settings.v1Deletes = V1DeletePolicy(
            chosen: oldClients.allowsDeletes,
            deletes: storage.allowsDeletes,
            bringsConfiguration: isOperatorsFile,
            history: history
        )
        settings.catalogueLimit = catalogueLimit
        settings.allowsAnonymousMounts = allowsAnonymousMounts
        settings.locations.isRelative = http.usesRelativeURLs
        settings.locations.host = http.host
        settings.locations.prefix = http.prefix
        return settings
    }

    /// The address in the configuration, or the socket inherited from the service manager.
    func listeningPlace(_ manager: ServiceManager) throws -> ListeningPlace {
        if let descriptor = manager.inheritedSocket { return .inherited(descriptor: descriptor) }
        if http.isUnixSocket { return .socket(path: http.address) }
        return .address(try ListenAddress(parsing: http.address))
    }

    /// The header fields of every response.
    var headerFields: HTTPFields {
        get throws {
            var fields = HTTPFields()
            for (name, value) in http.headers {
                guard let field = HTTPField.Name(name) else {
                    throw UnusableSetting("http.headers has '\(name)', which is not a valid header name")
                }
                fields.append(HTTPField(name: field, value: value))
            }
            return fields
        }
    }

    /// The lowest level that is logged.
    var logLevel: Logger.Level {
        switch log.level {
        case "error": .error
        case "warn": .warning
        case "debug": .debug
        default: .info
        }
    }
}

extension EncryptionPolicy {
    init(_ settings: TLSSettings) {
        self.init(certificatePath: settings.certificate, keyPath: settings.key)
        clientAuthorityPaths = settings.clientAuthorities
        minimumVersion = settings.minimumVersion.flatMap(Version.init(rawValue:))
        cipherNames = settings.cipherSuites
        plainRequests = PlainRequests(rawValue: settings.plain.rawValue) ?? .refuse
        acceptsOldClients = settings.acceptsOldClients
        offersHTTP2 = settings.offersHTTP2
    }
}

/// A well-formed value of the configuration that cannot be used.
struct UnusableSetting: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
