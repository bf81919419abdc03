import HTTPTypes
package import Logging
package import RegistryCore
import Storage

/// Answers both protocols: tells by the path which one a request speaks, and lets that one say what was refused.
package struct RegistryService: RegistryResponder {
    private let registry: Registry
    private let settings: ServiceSettings
    private let access: AccessControl
    private let logger: Logger

    /// - Parameter access: Who may do what; nil lets everyone do everything.
    package init(
        registry: Registry,
        settings: ServiceSettings = ServiceSettings(),
        access: AccessControl? = nil,
        logger: Logger
    ) {
        self.registry = registry
        self.settings = settings
        self.access = access ?? AccessControl(logger: logger)
        self.logger = logger
    }

    package func answer(_ request: RegistryRequest) async -> HTTPAnswer {
        if let answer = answerWithoutLogin(request) { return answer }
        // What is not below the prefix is nowhere in either protocol.
        guard let path = settings.locations.path(of: request) else { return HTTPAnswer(v1Page: .notFound) }
        let isV2 = isV2(path)
        if isV2, hidesV2(from: request) { return HTTPAnswer(v1Page: .notFound) }
        do {
            guard isV2 else {
                return try await withTaskExecutorPreference(request.executor) {
                    try await answerV1(request, V1Route(path: path))
                }
            }
            let route = V2Route(path: path)
            if request.isPull(route) { return try await answerV2(request, route) }
            return try await withTaskExecutorPreference(request.executor) {
                try await answerV2(request, route)
            }
        } catch {
            log(error, of: request)
            return isV2 ? HTTPAnswer(v2Error: error) : HTTPAnswer(v1Error: error)
        }
    }

    /// The answer to what everyone may ask, whatever the operator chose; nil for all else.
    private func answerWithoutLogin(_ request: RegistryRequest) -> HTTPAnswer? {
        let path = settings.locations.path(of: request)
        let v1 = path.flatMap { V1Route(path: $0) }
        if request.method == .options {
            if let path, isV2(path), !hidesV2(from: request), let v2 = V2Route(path: path) {
                return HTTPAnswer(optionsOf: v2)
            }
            guard let v1, V1Handler.isServed(v1, by: registry.legacy) else { return .optionsOfNothing }
            return HTTPAnswer(optionsOf: v1)
        }
        guard request.path == "/" || path == "/", request.method == .get || request.method == .head else { return nil }
        // docker-registry says its name there.
        return V1Handler.isServed(v1, by: registry.legacy) ? nil : .alive
    }

    private func isV2(_ path: String) -> Bool { path == "/v2" || path.hasPrefix("/v2/") }

    private func hidesV2(from request: RegistryRequest) -> Bool {
        registry.legacy.hidesV2(from: ClientAgent(request.headers[.userAgent]))
    }

    private func answerV1(_ request: RegistryRequest, _ route: V1Route?) async throws -> HTTPAnswer {
        guard V1Handler.isServed(route, by: registry.legacy) else { return HTTPAnswer(v1Page: .notFound) }
        let needed = AccessRequirement(route, request.method)
        let visitor = try await access.v1Visitor(of: request, needing: needed)
        let handler = V1Handler(registry: registry, settings: settings, access: access, visitor: visitor)
        var answer = try await handler.answer(request, route: route)
        // No cache that many share may keep what only some may see.
        if needed == .image, !access.isOpen {
            answer.headers[.cacheControl] = answer.headers[.cacheControl]?.replacing("public", with: "private")
        }
        return answer
    }

    private func answerV2(_ request: RegistryRequest, _ route: V2Route?) async throws -> HTTPAnswer {
        if case .token = route,
            let answer = try await access.token(for: request, locations: settings.locations)
        {
            return answer
        }
        let needed = AccessRequirement(route, request.method)
        let visitor = try await access.visitor(of: request, needing: needed, locations: settings.locations)
        let handler = V2Handler(registry: registry, settings: settings, permissions: visitor.permissions)
        return try await handler.answer(request, route: route)
    }

    /// A refusal is the client's affair; what fails below, or is not foreseen, is the operator's.
    private func log(_ error: any Error, of request: RegistryRequest) {
        switch error {
        case is RegistryError, is AccessRefusal, is MethodNotAllowed, is ConnectionLost, is BodyTooLarge,
            is BodyTooSlow, is CancellationError:
            return
        default: break
        }
        logger.error("request failed", metadata: ["path": "\(request.path)", "error": "\(error)"])
    }
}

extension RegistryRequest {
    /// Where a request is handled that is no short work: where nothing else waits for it, if it brings a document that takes
    /// long to read.
    fileprivate var executor: any TaskExecutor {
        guard method == .put, let byteCount = body.declaredByteCount else { return globalConcurrentExecutor }
        let isLargeDocument = (Int64(HeavyWork.smallDocumentByteCount)...Int64(Manifests.byteLimit)).contains(byteCount)
        return isLargeDocument ? HeavyWork.executor : globalConcurrentExecutor
    }

    /// Whether the answer is short work, which may be done where the connection is: on its event loop.
    fileprivate func isPull(_ route: V2Route?) -> Bool {
        guard method == .get || method == .head else { return false }
        switch route {
        case .manifest, .blob, .base: return true
        default: return false
        }
    }
}
