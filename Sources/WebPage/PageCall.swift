import HTTPTypes
import NIOCore
import RegistryCore
import RegistryHTTP

/// A request for a page.
///
/// It requires nothing, so the service ignores `Authorization`: only the session decides who the caller is.
struct PageCall: APICall {
    let page: WebPage
    let request: RegistryRequest
    let route: PageRoute

    var requirement: AccessRequirement { .nothing }

    var login: LoginProtocol { .v2 }

    var isShort: Bool { route == .root || route == .stylesheet || route == .icon }

    var options: RegistryResponse { RegistryResponse(.noContent, headers: [.allow: "GET, HEAD, OPTIONS"]) }

    var links: PageLinks { PageLinks(prefix: page.settings.locations.prefix) }

    func respond(to caller: Caller) async throws -> RegistryResponse {
        switch route {
        case .root: return PageResponse.html(PageLibrary.render(RootView(base: links.base)), isPlain: true)
        case .stylesheet: return PageResponse.asset(PageStyle.css, type: "text/css; charset=utf-8")
        case .icon: return PageResponse.asset(PageIcon.svg, type: "image/svg+xml")
        case .signIn, .signOut, .repositories, .repository, .image, .document, .delete, .operators, .unknown: break
        }
        let visit = await Visit(self)
        do {
            switch request.method {
            case .get, .head: return try await PageHandler(visit: visit).show()
            case .post: return try await FormHandler(visit: visit).perform()
            default:
                var response = visit.message(.methodNotAllowed, "A page can be read, or sent a form.")
                response.headers[.allow] = "GET, HEAD, POST"
                return response
            }
        } catch {
            return try visit.response(to: error)
        }
    }

    /// Failures that are not refusals are logged by the service.
    func respond(to failure: RequestFailure) -> RegistryResponse {
        let frame = PageFrame(
            title: "Something went wrong",
            base: links.base,
            user: nil,
            isOperator: false,
            offersSignIn: false,
            here: "",
            token: "",
            version: page.facts.version,
            content: PageLibrary.render(
                MessageView(
                    title: "Something went wrong",
                    text: "The server could not show this page; its log says why.",
                    isBad: true,
                    base: links.base
                )
            )
        )
        let status: HTTPResponse.Status =
            if case .registry(.unavailable) = failure { .serviceUnavailable } else { .internalServerError }
        return PageResponse.html(PageLibrary.render(frame), status)
    }
}

/// The page at `/`.
struct RootView: PageView {
    static let template = "root"
    let base: String
}

/// A page with one sentence.
struct MessageView: PageView {
    static let template = "message"
    let title: String
    let text: String
    let isBad: Bool
    let base: String
}

/// The form to sign in.
struct SignInView: PageView {
    static let template = "signIn"
    let base: String
    let token: String
    let next: String
    let problem: String?
}
