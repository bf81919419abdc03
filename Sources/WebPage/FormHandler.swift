import HTTPTypes
import ImageModel
import RegistryCore
import RegistryHTTP

/// Performs what forms ask for. Each form has a token that is bound to the session, and comes from one of our pages.
struct FormHandler: Sendable {
    let visit: Visit

    private var page: WebPage { visit.page }
    private var context: PageContext { visit.context }

    func perform() async throws -> RegistryResponse {
        switch visit.route {
        case .signIn: return try await signIn()
        case .signOut: return try await signOut()
        case .delete(let name):
            _ = try await read()
            return try await delete(from: name)
        case .operators(let operatorPage):
            _ = try await read()
            try visit.requireOperator()
            return try await OperatorHandler(visit: visit).begin(operatorPage)
        default:
            var response = visit.message(.methodNotAllowed, "This page takes no form.")
            response.headers[.allow] = "GET, HEAD"
            return response
        }
    }

    private func read() async throws -> QueryItems {
        try await page.forms.read(context.request, boundTo: visit.session)
    }

    private func signIn() async throws -> RegistryResponse {
        let cookie = PageCookies.value(of: PageCookies.form, in: context.request)
        let form = try await page.forms.read(context.request, boundTo: cookie)
        let next = visit.links.returnPath(form["next"])
        let user = form["user"] ?? ""
        let password = Array((form["password"] ?? "").utf8)
        guard !user.isEmpty, let signedIn = try await page.access.signIn(user, password, by: context.request) else {
            return visit.signIn(problem: "The user or the password is wrong.", .forbidden, next: next)
        }
        if let session = visit.session { page.sessions.end(session) }
        var response = PageResponse.redirect(to: next)
        let path = visit.links.base
        for cookie in [
            PageCookies.setting(
                PageCookies.session,
                to: page.sessions.begin(for: signedIn),
                path: path,
                isSecure: context.isEncrypted
            ),
            PageCookies.deleting(PageCookies.form, path: path, isSecure: context.isEncrypted),
        ] {
            response.headers.append(HTTPField(name: .setCookie, value: cookie))
        }
        return response
    }

    private func signOut() async throws -> RegistryResponse {
        _ = try await read()
        if let session = visit.session { page.sessions.end(session) }
        var response = PageResponse.redirect(to: visit.links.base + "/")
        response.headers[.setCookie] = PageCookies.deleting(
            PageCookies.session,
            path: visit.links.base,
            isSecure: context.isEncrypted
        )
        return response
    }

    private func delete(from text: String) async throws -> RegistryResponse {
        let repository = try visit.repository(text)
        let name = repository.description
        guard context.mayDelete(name) else {
            throw PageProblem.forbidden("You may not delete from \(name), or deletes are turned off.")
        }
        let request = context.request
        let actor = EventActor(request, by: context.user, through: .page, page.settings.locations)
        let deleted = try await EventActor.$current.withValue(actor) { () -> String in
            if let tag = request.query["tag"] {
                guard try await page.registry.deleteTag(tag, in: repository) else {
                    throw PageProblem.unknown("There is no tag \(tag) in \(name).")
                }
                return tag
            }
            guard let digest = request.query["digest"].flatMap({ try? Digest(parsing: $0) }), let v2Name = repository.v2
            else { throw PageProblem.unknown("There is nothing to delete.") }
            try await page.registry.deleteManifest(digest, in: v2Name)
            return digest.description
        }
        return PageResponse.redirect(to: visit.links.repository(name, [("deleted", deleted)]))
    }
}
