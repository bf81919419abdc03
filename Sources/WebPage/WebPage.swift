import HTTPTypes
package import Logging
package import RegistryCore
package import RegistryHTTP

/// The pages that people look at in a browser: `/` and everything below `/ui`.
///
/// Everything is rendered here and needs no script. Every page shows only what its caller may pull, by the same rules
/// as the other APIs. Nobody can change anything without having signed in.
package struct WebPage: RegistryAPI {
    /// Who gets pages.
    package enum Audience: Sendable {
        /// Everybody.
        case everybody
        /// Clients that no proxy speaks for. A proxy may protect the other APIs only, and the pages would be a way
        /// around it.
        case direct
    }

    let registry: Registry
    let access: AccessControl
    let settings: ServiceSettings
    let facts: ServerFacts
    let sessions: PageSessions
    let forms: FormGuard
    let work: OperatorWork
    private let audience: Audience

    /// - Parameters:
    ///   - access: Verifies passwords, and knows the rules.
    ///   - settings: The same as the other APIs have.
    ///   - facts: What operators are shown about the server.
    package init(
        registry: Registry,
        access: AccessControl,
        settings: ServiceSettings,
        audience: Audience,
        facts: ServerFacts,
        logger: Logger
    ) {
        self.registry = registry
        self.access = access
        self.settings = settings
        self.audience = audience
        self.facts = facts
        self.sessions = PageSessions()
        self.forms = FormGuard(settings.locations)
        self.work = OperatorWork(registry: registry, logger: logger)
    }

    package var sharesRoot: Bool { true }

    package func call(for request: RegistryRequest, at path: String) -> (any APICall)? {
        guard let route = PageRoute(path: path) else { return nil }
        if audience == .direct, request.hasPassedProxy { return nil }
        if route == .root {
            guard request.method == .get || request.method == .head, request.acceptsPages else { return nil }
        }
        return PageCall(page: self, request: request, route: route)
    }
}

extension RegistryRequest {
    /// Whether the client asks for HTML, as browsers do.
    fileprivate var acceptsPages: Bool {
        headers[values: .accept].contains { field in
            field.split(separator: ",").contains { item in
                let parts = item.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
                return parts.first == "text/html"
                    && !parts.dropFirst().contains { $0.wholeMatch(of: /q=0(\.0*)?/) != nil }
            }
        }
    }

    /// Whether a proxy sent it, as far as that shows: proxies say for whom, or close each connection.
    fileprivate var hasPassedProxy: Bool {
        headers.contains { field in
            let name = field.name.canonicalName
            return name.hasPrefix("x-forwarded") || name.hasPrefix("x-original")
                || ["forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip"].contains(name)
                || (name == "connection" && field.value.lowercased().contains("close"))
        }
    }
}
