import HTTPTypes
import NIOCore
import RegistryHTTP
import Storage
import Testing

/// A page for each repository, and one at the root.
private struct Page: RegistryAPI {
    func call(for request: RegistryRequest, at path: String) -> (any APICall)? {
        if path == "/" { return PageCall(repository: nil) }
        guard path.hasPrefix("/page/") else { return nil }
        return PageCall(repository: String(path.dropFirst(6)))
    }
}

private struct PageCall: APICall {
    let repository: String?

    var requirement: AccessRequirement { repository.map { .actions(.pull, on: $0) } ?? .nothing }
    var login: LoginProtocol { .v2 }
    var isShort: Bool { true }
    var options: RegistryResponse { RegistryResponse(.noContent) }

    func respond(to caller: Caller) async throws -> RegistryResponse {
        text(.ok, "\(repository ?? "all") for \(caller.user ?? "anyone")")
    }

    func respond(to failure: RequestFailure) -> RegistryResponse {
        switch failure {
        case .access(.unauthenticated): text(.unauthorized, "please sign in")
        default: text(.internalServerError, "sorry")
        }
    }

    private func text(_ status: HTTPResponse.Status, _ text: String) -> RegistryResponse {
        RegistryResponse(status, body: .bytes(ByteBuffer(string: text)))
    }
}

@Suite("An API from outside")
struct OtherAPITests {
    @Test("is asked first, states its access, and renders its refusals")
    func page() async throws {
        let rules = try AccessWorld.settings(users: "/dev/null", rules: ["anonymous pull public/*"])
        try await withRegistry(over: MemoryStorage(), access: rules, besides: [Page()]) { port, _ in
            for (path, status, text) in [
                ("/", 200, "all for anyone"), ("/page/public/app", 200, "public/app for anyone"),
                ("/page/private/app", 401, "please sign in"),
            ] {
                let answer = try await exchange("GET", path, port: port)
                #expect(answer.status == status && answer.text == text, "\(path): \(answer.status) \(answer.text)")
            }
            #expect(try await exchange("OPTIONS", "/page/x", port: port).status == 204)
            #expect(try await exchange("GET", "/v1/_ping", port: port).status == 200)
            #expect(try await exchange("GET", "/v2/private/app/tags/list", port: port).status == 401)
        }
    }
}
