import HTTPTypes
package import Logging
package import RegistryCore
import Storage

/// Responds to every request: finds the API for its path, and has that API render errors.
package struct RegistryService: RegistryResponder {
    /// In order of precedence: the first API that accepts a request handles it.
    private let apis: [any RegistryAPI]
    private let locations: LocationPolicy
    private let access: AccessControl
    private let clients: ClientUses
    private let health: (any ServiceHealth)?
    private let logger: Logger
    /// Runs handlers that are not short work.
    private let storageExecutor: any TaskExecutor

    /// - Parameters:
    ///   - others: Further APIs, asked before v2 and v1.
    ///   - access: The access control; nil allows everyone everything.
    ///   - health: Asked before each request whether it may be served; nil serves all.
    package init(
        registry: Registry,
        settings: ServiceSettings = ServiceSettings(),
        besides others: [any RegistryAPI] = [],
        access: AccessControl? = nil,
        health: (any ServiceHealth)? = nil,
        logger: Logger
    ) {
        let access = access ?? AccessControl(logger: logger)
        apis =
            others + [
                V2API(registry: registry, settings: settings, access: access),
                V1API(registry: registry, settings: settings, access: access),
            ]
        storageExecutor = registry.executor
        clients = registry.clients
        locations = settings.locations
        self.access = access
        self.health = health
        self.logger = logger
    }

    package func respond(_ request: RegistryRequest) async -> RegistryResponse {
        let path = locations.path(of: request)
        var response = await respond(request, at: path)
        if path == "/", apis.contains(where: \.sharesRoot) { response.headers[.vary] = "Accept" }
        return response
    }

    private func respond(_ request: RegistryRequest, at path: String?) async -> RegistryResponse {
        guard let path, let call = apis.lazy.compactMap({ $0.call(for: request, at: path) }).first else {
            let response = RegistryResponse(ofNoAPI: request, at: path)
            let isUnhealthy = response.status == .ok && request.method != .options && health?.refusal != nil
            return isUnhealthy ? RegistryResponse(v1Page: .serviceUnavailable) : response
        }
        request.context.begin(call.handler, request)
        if request.method == .options { return call.options }
        if let reason = health?.refusal { return call.respond(to: .registry(.unavailable(reason: reason))) }
        do {
            if call.isShort { return try await respond(call, request) }
            let executor = request.documentExecutor ?? storageExecutor
            return try await withTaskExecutorPreference(executor) { try await respond(call, request) }
        } catch {
            let failure = RequestFailure(error)
            log(failure, of: request)
            return call.respond(to: failure)
        }
    }

    private func respond(_ call: any APICall, _ request: RegistryRequest) async throws -> RegistryResponse {
        let requirement = call.requirement
        let caller = try await access.caller(
            of: request,
            needing: requirement,
            by: call.login,
            locations: locations
        )
        let response = try await respond(call, request, to: caller)
        if response.status.code < 400 { note(request, by: caller, call.login.interface, requirement) }
        return response
    }

    private func respond(
        _ call: any APICall,
        _ request: RegistryRequest,
        to caller: Caller
    ) async throws -> RegistryResponse {
        // Reads publish no events.
        if request.method == .get || request.method == .head { return try await call.respond(to: caller) }
        let actor = EventActor(request, by: caller.permissions.user, through: call.login.interface, locations)
        return try await EventActor.$current.withValue(actor) { try await call.respond(to: caller) }
    }

    /// Records which client uses which repository.
    private func note(
        _ request: RegistryRequest,
        by caller: Caller,
        _ interface: EventActor.Interface,
        _ requirement: AccessRequirement
    ) {
        guard let repository = requirement.needs.first?.repository else { return }
        clients.note(
            ClientUse.Key(
                interface: interface,
                agent: request.headers[.userAgent] ?? "",
                repository: repository,
                user: caller.user,
                address: request.clientAddress
            )
        )
    }

    /// Logs failures of the server. Refusals are the client's concern.
    private func log(_ failure: RequestFailure, of request: RegistryRequest) {
        guard let fault = failure.fault else { return }
        // Every request fails then; the health check logs it once.
        if case StorageError.unusableRoot = fault { return }
        logger.error("request failed", metadata: ["path": "\(request.path)", "error": "\(fault)"])
    }
}

extension RegistryRequest {
    /// A separate executor for requests with a document that takes long to parse, so nothing else waits.
    fileprivate var documentExecutor: (any TaskExecutor)? {
        guard method == .put, let byteCount = body.declaredByteCount else { return nil }
        let isLargeDocument = (Int64(HeavyWork.smallDocumentByteCount)...Int64(Manifests.byteLimit)).contains(byteCount)
        return isLargeDocument ? HeavyWork.executor : nil
    }
}

extension LoginProtocol {
    /// The interface whose clients log in this way.
    fileprivate var interface: EventActor.Interface {
        switch self {
        case .v1: .v1
        case .v2: .v2
        }
    }
}
