import HTTPTypes
import Logging
import RegistryCore
import RegistryHTTP
import Storage
import Testing

@Suite("Requests that need no login, in every configuration")
struct WithoutLoginTests {
    /// An operator's configuration.
    struct Choice: Sendable, CustomTestStringConvertible {
        var v1 = V1Settings.Access.enabled
        var prefix = "/"
        var hasUsers = true

        var testDescription: String { "v1 \(v1), \(prefix), users \(hasUsers)" }

        static let all: [Choice] = [V1Settings.Access.enabled, .readOnly, .disabled].flatMap { v1 in
            ["/", "/images/"].flatMap { prefix in
                [true, false].map { Choice(v1: v1, prefix: prefix, hasUsers: $0) }
            }
        }
    }

    /// Runs a server with an extra header chosen by the operator.
    private func withServer(_ choice: Choice, _ body: @Sendable (_ port: Int) async throws -> Void) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let registry = Registry(
            storage: MemoryStorage(),
            isReadOnly: false,
            configuration: .init(conversionConcurrency: 1, v1: V1Settings(access: choice.v1)),
            logger: logger
        )
        var settings = ServiceSettings()
        settings.locations.prefix = choice.prefix
        let rules = try AccessWorld.settings(users: "/dev/null", rules: ["boss *"])
        let access = try AccessControl(
            choice.hasUsers ? rules : AccessSettings(),
            secret: await registry.tokenSecret(),
            logger: logger
        )
        let service = RegistryService(registry: registry, settings: settings, access: access, logger: logger)
        let origin = try #require(HTTPField.Name("Access-Control-Allow-Origin"))
        let responder = FixedHeaders([origin: "http://panel.example"], around: service)
        try await RegistryHTTPTests.withServer { request in
            await responder.respond(request)
        } whileRunning: { port, _ in
            try await body(port)
        }
    }

    static let allowed: [(String, String)] = [
        ("v2/", "GET, HEAD"), ("v2/_catalog", "GET, HEAD"), ("v2/a/tags/list", "GET, HEAD"),
        ("v2/a/manifests/latest", "GET, HEAD, PUT, DELETE"), ("v2/a/blobs/x", "GET, HEAD, DELETE"),
        ("v2/a/blobs/uploads/", "POST"), ("v2/a/blobs/uploads/x", "GET, HEAD, PATCH, PUT, DELETE"),
        ("v2/a/referrers/x", "GET, HEAD"), ("v2/_token", "GET, HEAD"), ("v2/nothing", "GET, HEAD"),
        ("v1/_ping", "GET, HEAD"), ("v1/users", "GET, HEAD"), ("", "GET, HEAD"), ("nothing", "GET, HEAD"),
    ]

    @Test("OPTIONS is 204 on every path, with the methods and the operator's headers", arguments: Choice.all)
    func options(choice: Choice) async throws {
        try await withServer(choice) { port in
            for (path, methods) in Self.allowed {
                let headers = [
                    "Origin": "http://panel.example", "Access-Control-Request-Method": "DELETE",
                    "Access-Control-Request-Headers": "authorization",
                ]
                let answer = try await exchange("OPTIONS", choice.prefix + path, headers: headers, port: port)
                #expect(answer.status == 204, "\(path)")
                #expect(answer["allow"] == "\(methods), OPTIONS", "\(path)")
                #expect(answer["access-control-allow-origin"] == "http://panel.example")
                #expect(answer["www-authenticate"] == nil)
                #expect(answer["content-length"] == nil)
            }
            #expect(try await exchange("OPTIONS", "*", port: port).status == 204)
            #expect(try await exchange("OPTIONS", "/v2/", port: port).status == 204)
        }
    }

    @Test(
        "the methods of a v1 path are listed where v1 is served",
        arguments: [V1Settings.Access.enabled, .disabled]
    )
    func v1Options(access: V1Settings.Access) async throws {
        try await withServer(Choice(v1: access)) { port in
            let answer = try await exchange("OPTIONS", "/v1/repositories/a/b/tags/t", port: port)
            #expect(answer.status == 204)
            let methods = access == .enabled ? "GET, HEAD, PUT, DELETE, OPTIONS" : "GET, HEAD, OPTIONS"
            #expect(answer["allow"] == methods)
        }
    }

    @Test("an engine that v2 is hidden from learns nothing of it through OPTIONS")
    func hidden() async throws {
        try await withServer(Choice()) { port in
            let agent = ["User-Agent": "docker/1.5.0 go/go1.4.1"]
            let answer = try await exchange("OPTIONS", "/v2/", headers: agent, port: port)
            #expect(answer.status == 204)
            #expect(answer["docker-distribution-api-version"] == nil)
        }
    }

    @Test("/ is 200 for GET and HEAD, even outside the prefix and with a wrong password", arguments: Choice.all)
    func root(choice: Choice) async throws {
        try await withServer(choice) { port in
            for path in Set(["/", choice.prefix]) {
                for headers in [[:], ["Authorization": "Basic Ym9zczp3cm9uZw=="]] {
                    let get = try await exchange("GET", path, headers: headers, port: port)
                    let head = try await exchange("HEAD", path, headers: headers, port: port)
                    #expect(get.status == 200 && head.status == 200, "\(path)")
                    #expect(head["content-length"] == get["content-length"])
                    #expect(get["access-control-allow-origin"] == "http://panel.example")
                }
            }
            #expect(try await exchange("POST", "/", port: port).status != 200)
        }
    }
}
