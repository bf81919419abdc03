import HTTPTypes
import Logging
import RegistryClient
import RegistryCore
import RegistryHTTP
import ServiceLifecycle
import Storage

/// A registry on a real socket: our own, possibly with responses changed to another registry's.
enum ServedRegistry {
    typealias Alteration = @Sendable (RegistryHTTP.RegistryRequest, inout RegistryResponse) -> Void

    /// Never closed: it is shared by all tests.
    private static let shared = Result { try RegistryTransport(patience: .seconds(1)) }

    static func transport() throws -> RegistryTransport { try shared.get() }

    /// Serves `storage` while `body` runs.
    static func serving(
        _ storage: any ObjectStorage,
        altering alter: @escaping Alteration = { _, _ in },
        _ body: @escaping @Sendable (RegistryAddress) async throws -> Void
    ) async throws {
        let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let registry = Registry(
            storage: storage,
            isReadOnly: false,
            configuration: .init(conversionConcurrency: 2),
            logger: silent
        )
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let server = RegistryServer(
            at: .address(ListenAddress(host: "127.0.0.1", port: 0)),
            responder: AlteredResponder(base: RegistryService(registry: registry, logger: silent), alter: alter),
            logger: silent,
            onRunning: { port.yield($0) }
        )
        let services = ServiceGroup(services: [server], logger: silent)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            var iterator = ports.makeAsyncIterator()
            guard let port = await iterator.next() else { throw CancellationError() }
            try await body(RegistryAddress(parsing: "http://127.0.0.1:\(port)", password: nil))
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
        }
    }

    private struct AlteredResponder: RegistryResponder {
        let base: any RegistryResponder
        let alter: Alteration

        func respond(_ request: RegistryHTTP.RegistryRequest) async -> RegistryResponse {
            var answer = await base.respond(request)
            alter(request, &answer)
            return answer
        }
    }
}
