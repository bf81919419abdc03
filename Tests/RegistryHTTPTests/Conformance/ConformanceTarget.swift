import Foundation
import Logging
import RegistryCore
import RegistryHTTP
import Storage

/// The registry under test.
///
/// By default our own, on an empty directory and a free port, a new one for each test. The environment variable
/// `LONGSHORE_CONFORMANCE_URL` (`http(s)://[USER:PASSWORD@]HOST[:PORT][/PREFIX]`) names another one that already runs.
enum ConformanceTarget {
    /// Whether our own registry is under test.
    static var isOwn: Bool { other == nil }

    /// The status of our own registry, and others that are acceptable for another one.
    static func statuses(_ own: Int, elsewhere others: Int...) -> [Int] { isOwn ? [own] : [own] + others }

    /// Runs `body` with a client of a repository that does not exist yet.
    static func withRepository<Result: Sendable>(
        _ settings: ServiceSettings = permissive,
        configuration: Registry.Configuration = .init(conversionConcurrency: 1),
        isReadOnly: Bool = false,
        _ body: @Sendable (RegistryClient) async throws -> Result
    ) async throws -> Result {
        let name = "conformance/\(UUID().uuidString.lowercased())"
        if let other { return try await body(RegistryClient(other, repository: name)) }
        return try await withDirectory { root in
            try await withOwn(settings, configuration: configuration, root: root, isReadOnly: isReadOnly) { port in
                try await body(RegistryClient(port: port, repository: name))
            }
        }
    }

    /// Runs our own registry on a directory while `body` runs.
    static func withOwn<Result: Sendable>(
        _ settings: ServiceSettings = permissive,
        configuration: Registry.Configuration = .init(conversionConcurrency: 1),
        root: String,
        isReadOnly: Bool = false,
        _ body: @Sendable (_ port: Int) async throws -> Result
    ) async throws -> Result {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        var configuration = configuration
        configuration.window = configuration.window ?? TestStore.window
        let storage = try await TestStore.open(root, access: isReadOnly ? .readOnly : .readWrite)
        let registry = Registry(
            storage: storage,
            isReadOnly: isReadOnly,
            configuration: configuration,
            logger: logger
        )
        let service = RegistryService(registry: registry, settings: settings, logger: logger)
        return try await withServer(answering: { await service.respond($0) }) { port, _ in try await body(port) }
    }

    /// Runs `body` with the path of an empty directory, which is removed afterwards.
    static func withDirectory<Result: Sendable>(
        _ body: @Sendable (_ path: String) async throws -> Result
    ) async throws -> Result {
        let directory = FileManager.default.temporaryDirectory.appending(path: "longshore-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { TestStore.close(directory.path) }
        let result: Result
        do {
            result = try await body(directory.path)
        } catch {
            try FileManager.default.removeItem(at: directory)
            throw error
        }
        try FileManager.default.removeItem(at: directory)
        return result
    }

    /// Settings that allow everything the specification leaves to the operator.
    static var permissive: ServiceSettings {
        var settings = ServiceSettings()
        settings.allowsDeletes = true
        return settings
    }

    private static let other: OtherRegistry? = {
        guard let text = ProcessInfo.processInfo.environment["LONGSHORE_CONFORMANCE_URL"] else { return nil }
        guard let registry = OtherRegistry(text) else {
            preconditionFailure("LONGSHORE_CONFORMANCE_URL is not the address of a registry")
        }
        return registry
    }()
}
