import HTTPTypes
package import Logging
package import RegistryCore
import Storage

/// Answers both protocols: tells by the path which one a request speaks, and lets that one say what was refused.
package struct RegistryService: RegistryResponder {
    private let registry: Registry
    private let settings: ServiceSettings
    private let logger: Logger

    package init(registry: Registry, settings: ServiceSettings = ServiceSettings(), logger: Logger) {
        self.registry = registry
        self.settings = settings
        self.logger = logger
    }

    package func answer(_ request: RegistryRequest) async -> HTTPAnswer {
        // What is not below the prefix is nowhere in either protocol.
        guard let path = settings.locations.path(of: request) else { return HTTPAnswer(v1Page: .notFound) }
        let isV2 = path == "/v2" || path.hasPrefix("/v2/")
        if isV2, registry.legacy.hidesV2(from: ClientAgent(request.headers[.userAgent])) {
            return HTTPAnswer(v1Page: .notFound)
        }
        do {
            guard isV2 else {
                return try await withTaskExecutorPreference(globalConcurrentExecutor) {
                    try await V1Handler(registry: registry).answer(request, route: V1Route(path: path))
                }
            }
            let handler = V2Handler(registry: registry, settings: settings)
            let route = V2Route(path: path)
            if request.isPull(route) { return try await handler.answer(request, route: route) }
            return try await withTaskExecutorPreference(globalConcurrentExecutor) {
                try await handler.answer(request, route: route)
            }
        } catch {
            log(error, of: request)
            return isV2 ? HTTPAnswer(v2Error: error) : HTTPAnswer(v1Error: error)
        }
    }

    /// A refusal is the client's affair; what fails below, or is not foreseen, is the operator's.
    private func log(_ error: any Error, of request: RegistryRequest) {
        switch error {
        case is RegistryError, is MethodNotAllowed, is ConnectionLost, is BodyTooLarge, is CancellationError: return
        default: break
        }
        logger.error("request failed", metadata: ["path": "\(request.path)", "error": "\(error)"])
    }
}

extension RegistryRequest {
    /// Whether the answer is short work, which may be done where the connection is: on its event loop.
    fileprivate func isPull(_ route: V2Route?) -> Bool {
        guard method == .get || method == .head else { return false }
        switch route {
        case .manifest, .blob, .base: return true
        default: return false
        }
    }
}
