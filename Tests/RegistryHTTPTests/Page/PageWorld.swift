import Logging
import RegistryCore
import RegistryHTTP
import Storage
import Synchronization
import WebPage

/// A server with pages.
struct PageWorld: Sendable {
    let port: Int
    let registry: Registry
    /// The users' file.
    let users: ScratchTree

    /// A browser without cookies.
    func browser() -> PageBrowser { PageBrowser(port: port) }

    /// A browser in which somebody has signed in.
    func browser(of person: AccessWorld.Person) async throws -> PageBrowser {
        let browser = browser()
        let answer = try await browser.signIn(person.rawValue, "\(person.rawValue)-password")
        guard answer.status == 303 else { throw UnexpectedAnswer(answer) }
        return browser
    }
}

/// Runs a server with pages.
///
/// - Parameter rules: The access rules for the people of ``AccessWorld``; nil for a server without users.
func withPages(
    rules: [String]? = AccessWorld.rules,
    deletes: Bool = true,
    audience: WebPage.Audience = .everybody,
    prefix: String = "/",
    _ body: @Sendable (PageWorld) async throws -> Void
) async throws {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let users = try ScratchTree()
    try users.write(try AccessWorld.users(), to: "users")
    let registry = Registry(
        storage: MemoryStorage(),
        isReadOnly: false,
        configuration: Registry.Configuration(conversionConcurrency: 2),
        logger: logger
    )
    var settings = ServiceSettings()
    settings.allowsDeletes = deletes
    settings.locations.prefix = prefix
    let accessSettings = try rules.map { try AccessWorld.settings(users: "\(users.path)/users", rules: $0) }
    let access = try AccessControl(
        accessSettings ?? AccessSettings(),
        secret: await registry.tokenSecret(),
        logger: logger
    )
    await access.prepare()
    let page = WebPage(
        registry: registry,
        access: access,
        settings: settings,
        audience: audience,
        facts: ServerFacts(
            version: "1.2.3",
            configuration: [.init(key: "http.addr", value: ":5000", origin: "default")],
            collection: CollectionPolicy()
        ),
        logger: logger
    )
    let service = RegistryService(
        registry: registry,
        settings: settings,
        besides: [page],
        access: access,
        logger: logger
    )
    try await withServer { request in
        await service.respond(request)
    } whileRunning: { port, _ in
        try await body(PageWorld(port: port, registry: registry, users: users))
    }
}

/// A browser: it keeps cookies, and says where a form came from.
final class PageBrowser: Sendable {
    let port: Int
    private let cookies = Mutex<[String: String]>([:])

    /// The origin of pages that ``exchange(_:_:headers:body:port:)`` asks for.
    static let origin = "http://registry.test:5000"

    init(port: Int) { self.port = port }

    /// The cookies it has.
    var cookie: String {
        get { cookies.withLock { $0.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: "; ") } }
    }

    func get(_ path: String, headers: [String: String] = [:]) async throws -> TestAnswer {
        try await send("GET", path, headers)
    }

    /// Sends a form from one of the server's pages.
    func post(
        _ path: String,
        _ form: [String: String],
        headers: [String: String] = ["Origin": origin]
    ) async throws -> TestAnswer {
        let text = form.map { "\($0.key)=\(String(percentEncoding: $0.value))" }.sorted().joined(separator: "&")
        var headers = headers
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return try await send("POST", path, headers, Array(text.utf8))
    }

    /// Signs in by the form.
    func signIn(_ user: String, _ password: String, next: String = "/ui/") async throws -> TestAnswer {
        let form = try await get("/ui/sign-in")
        return try await post(
            "/ui/sign-in",
            ["user": user, "password": password, "token": Self.token(in: form), "next": next]
        )
    }

    /// The token of the first form on a page.
    static func token(in page: TestAnswer) -> String {
        page.text.firstMatch(of: /name="token"\s+value="([^"]+)"/).map { String($0.1) } ?? ""
    }

    private func send(
        _ method: String,
        _ path: String,
        _ more: [String: String],
        _ body: [UInt8] = []
    ) async throws -> TestAnswer {
        var headers = ["Accept": "text/html,application/xhtml+xml,*/*;q=0.8"].merging(more) { $1 }
        if !cookie.isEmpty, headers["Cookie"] == nil { headers["Cookie"] = cookie }
        let answer = try await exchange(method, path, headers: headers, body: body, port: port)
        for (name, value) in answer.headers where name == "set-cookie" {
            let pair = value.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1)
            cookies.withLock { $0[String(pair[0])] = value.contains("Max-Age=0") ? nil : String(pair.last ?? "") }
        }
        return answer
    }
}
