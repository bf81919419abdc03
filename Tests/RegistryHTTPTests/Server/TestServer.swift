import Logging
import RegistryHTTP
import ServiceLifecycle

/// Responds with a closure.
struct ClosureResponder: RegistryResponder {
    let closure: @Sendable (RegistryRequest) async -> RegistryResponse

    init(_ closure: @escaping @Sendable (RegistryRequest) async -> RegistryResponse) { self.closure = closure }

    func respond(_ request: RegistryRequest) async -> RegistryResponse { await closure(request) }
}

/// Runs a server on a free port while `body` runs.
func withServer<Result: Sendable>(
    on host: String = "127.0.0.1",
    encryption: Encryption? = nil,
    logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
    idleTimeout: Duration = .seconds(300),
    headTimeout: Duration = .seconds(60),
    observers: [any RequestObserver] = [],
    answering answer: @escaping @Sendable (RegistryRequest) async -> RegistryResponse,
    whileRunning body: @Sendable (_ port: Int, _ services: ServiceGroup) async throws -> Result
) async throws -> Result {
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let server = RegistryServer(
        at: .address(ListenAddress(host: host, port: 0)),
        responder: ClosureResponder(answer),
        encryption: encryption,
        logger: logger,
        observers: observers,
        idleTimeout: idleTimeout,
        headTimeout: headTimeout,
        onRunning: { port.yield($0) }
    )
    let services = ServiceGroup(services: [server], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await services.run() }
        var iterator = ports.makeAsyncIterator()
        guard let port = await iterator.next() else { throw CancellationError() }
        let result = try await body(port, services)
        group.cancelAll()
        do { try await group.waitForAll() } catch is CancellationError {}
        return result
    }
}
