import Logging
import RegistryCore
import RegistryHTTP
import Storage

/// Runs the real server on a directory and a free port while `body` runs.
func withRegistry<Result: Sendable>(
    over storage: any ObjectStorage,
    v1: V1Settings = V1Settings(),
    compatibility: CompatibilitySettings = CompatibilitySettings(),
    settings: ServiceSettings = .lettingClientsDelete,
    access accessSettings: AccessSettings = AccessSettings(),
    besides apis: [any RegistryAPI] = [],
    isReadOnly: Bool = false,
    now: @escaping @Sendable () -> Int = { HTTPDate.now.secondsSince1970 },
    whileRunning body: @Sendable (_ port: Int, _ registry: Registry) async throws -> Result
) async throws -> Result {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    var configuration = Registry.Configuration(
        conversionConcurrency: 2,
        v1: v1,
        compatibility: compatibility
    )
    configuration.window = TestStore.window
    let registry = Registry(
        storage: storage,
        isReadOnly: isReadOnly,
        configuration: configuration,
        logger: logger
    )
    let access = try AccessControl(accessSettings, secret: await registry.tokenSecret(), logger: logger, now: now)
    await access.prepare()
    let service = RegistryService(
        registry: registry,
        settings: settings,
        besides: apis,
        access: access,
        logger: logger
    )
    let result = try await withServer { request in
        await service.respond(request)
    } whileRunning: { port, _ in
        try await body(port, registry)
    }
    if !isReadOnly { try await registry.upkeep.save() }
    return result
}

extension ServiceSettings {
    /// The default settings, with deletes enabled.
    static var lettingClientsDelete: ServiceSettings {
        var settings = ServiceSettings()
        settings.allowsDeletes = true
        return settings
    }
}

extension ScratchTree {
    /// Opens the directory, or one below it.
    func open(_ name: String = "") async throws -> any ObjectStorage {
        try await TestStore.open(name.isEmpty ? path : "\(path)/\(name)")
    }
}
