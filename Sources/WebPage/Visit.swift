import HTTPTypes
import RegistryCore
import RegistryHTTP

/// A request for a page, with its session.
struct Visit: Sendable {
    let page: WebPage
    let request: RegistryRequest
    let route: PageRoute
    /// The identifier of the session; nil without one.
    let session: String?
    let context: PageContext

    var links: PageLinks { context.links }

    init(_ call: PageCall) async {
        let page = call.page
        let request = call.request
        self.page = page
        self.request = request
        self.route = call.route
        var caller: Caller?
        var session: String?
        // A page of another origin that may read ours (`http.headers`) gets nobody's view of it.
        let isForeign = request.headers[.formOrigin] != nil && !page.forms.isFromHere(request)
        if !isForeign, let identifier = PageCookies.value(of: PageCookies.session, in: request),
            let user = page.sessions.user(of: identifier)
        {
            caller = await page.access.caller(of: user)
            if caller == nil { page.sessions.end(identifier) } else { session = identifier }
        }
        let known: Caller
        if let caller { known = caller } else { known = await page.access.anonymousCaller() }
        self.session = session
        self.context = PageContext(
            request: request,
            caller: known,
            user: session == nil ? nil : known.user,
            links: call.links,
            token: session.map { page.forms.token(for: $0) } ?? "",
            host: page.settings.locations.authority(for: request) ?? "REGISTRY",
            isEncrypted: page.forms.isEncrypted(request),
            allowsDeletes: session != nil && page.settings.allowsDeletes && !page.registry.isReadOnly
        )
    }

    /// Whether the caller can get more by signing in.
    var offersSignIn: Bool { session == nil && page.access.hasPasswords }

    /// A page around this content.
    func html(_ title: String, _ view: some PageView, _ status: HTTPResponse.Status = .ok) -> RegistryResponse {
        let frame = PageFrame(
            title: title,
            base: links.base,
            user: context.user,
            isOperator: context.caller.isOperator,
            offersSignIn: offersSignIn && route != .signIn,
            here: String(percentEncoding: here),
            token: context.token,
            version: page.facts.version,
            content: PageLibrary.render(view)
        )
        return PageResponse.html(PageLibrary.render(frame), status)
    }

    /// A page with one sentence.
    func message(_ status: HTTPResponse.Status, _ text: String, title: String = "Not possible") -> RegistryResponse {
        html(title, MessageView(title: title, text: text, isBad: true, base: links.base), status)
    }

    /// The form to sign in. It is a page like any other: its status is 200 unless a sign-in failed.
    func signIn(problem: String? = nil, _ status: HTTPResponse.Status = .ok, next: String? = nil) -> RegistryResponse {
        let cookie = PageCookies.value(of: PageCookies.form, in: request) ?? PageSessions.identifier()
        let view = SignInView(
            base: links.base,
            token: page.forms.token(for: cookie),
            next: next ?? here,
            problem: problem
        )
        var response = html("Sign in", view, status)
        response.headers[.setCookie] = PageCookies.setting(
            PageCookies.form,
            to: cookie,
            path: links.base,
            isSecure: context.isEncrypted
        )
        return response
    }

    /// The repository, if the caller may pull it. Whether another one exists does not show.
    func repository(_ name: String) throws(PageProblem) -> EventRepository {
        guard let repository = EventRepository(named: name), context.caller.may(.pull, repository.description) else {
            throw .unknown("There is no repository \(PageFormat.cut(name, to: 256)), or you may not see it.")
        }
        return repository
    }

    /// Refuses callers who are no operators.
    func requireOperator() throws(PageProblem) {
        guard context.caller.isOperator else {
            throw .forbidden("Only users with the action admin see the server's state.")
        }
    }

    /// The path of this page, to come back to.
    private var here: String {
        if route == .signIn { return links.returnPath(request.query["next"]) }
        return request.method == .post ? links.base + "/" : links.returnPath(request.target)
    }

    /// The page for an error.
    ///
    /// - Throws: Errors that are not about the request.
    func response(to error: any Error) throws -> RegistryResponse {
        switch error {
        case PageProblem.unknown(let text):
            return offersSignIn ? signIn() : message(.notFound, text, title: "Not found")
        case PageProblem.forbidden(let text): return offersSignIn ? signIn() : message(.forbidden, text)
        case let forged as ForgedForm: return message(.forbidden, forged.sentence)
        case is BodyTooLarge: return message(.contentTooLarge, "The form is too long.")
        case AccessRefusal.tooManyAttempts:
            var response = signIn(problem: "Too many attempts. Wait a minute, then try again.", .tooManyRequests)
            response.headers[.retryAfter] = "60"
            return response
        case RegistryError.repositoryUnknown(let name):
            return message(.notFound, "There is no repository \(name), or you may not see it.", title: "Not found")
        case RegistryError.manifestUnknown, RegistryError.blobUnknown, RegistryError.imageUnknown,
            RegistryError.tagUnknown:
            return message(.notFound, "There is no such image.", title: "Not found")
        case RegistryError.tagImmutable(let tag, let rule):
            return message(.conflict, "The tag \(tag) is immutable: \(rule).")
        case RegistryError.readOnly: return message(.forbidden, "The registry is read-only.")
        case RegistryError.unavailable(let reason): return message(.serviceUnavailable, reason)
        default: throw error
        }
    }
}
