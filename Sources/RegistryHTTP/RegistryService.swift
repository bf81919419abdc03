import HTTPTypes
package import Logging
package import RegistryCore
import Storage

/// Answers both protocols: tells by the path which one a request speaks, and lets that one say what was refused.
package struct RegistryService: RegistryResponder {
    private let registry: Registry
    private let logger: Logger

    package init(registry: Registry, logger: Logger) {
        self.registry = registry
        self.logger = logger
    }

    package func answer(_ request: RegistryRequest) async -> HTTPAnswer {
        let isV2 = request.path == "/v2" || request.path.hasPrefix("/v2/")
        if isV2, registry.legacy.hidesV2(from: ClientAgent(request.headers[.userAgent])) {
            return HTTPAnswer(v1Page: .notFound)
        }
        do {
            return isV2
                ? try await V2Handler(registry: registry).answer(request, route: V2Route(path: request.path))
                : try await V1Handler(registry: registry).answer(request, route: V1Route(path: request.path))
        } catch {
            log(error, of: request)
            return isV2 ? HTTPAnswer(v2Error: error) : HTTPAnswer(v1Error: error)
        }
    }

    /// A refusal is the client's affair; what fails below, or is not foreseen, is the operator's.
    private func log(_ error: any Error, of request: RegistryRequest) {
        if error is RegistryError || error is ConnectionLost || error is BodyTooLarge || error is CancellationError {
            return
        }
        logger.error("request failed", metadata: ["path": "\(request.path)", "error": "\(error)"])
    }
}
