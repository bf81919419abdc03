import HTTPTypes
import Synchronization
import SystemLibraries
import Testing

@testable import RegistryHTTP
@testable import WebPage

@Suite("Sign-ins")
struct PageSessionsTests {
    @Test("identifiers are long, random, and fit in a cookie")
    func identifiers() {
        let identifiers = Set((0..<100).map { _ in PageSessions.identifier() })
        #expect(identifiers.count == 100)
        #expect(identifiers.allSatisfy { $0.utf8.count == 43 })
    }

    @Test(
        "a cookie is found among others, and only if it can be one of ours",
        arguments: [
            ("longshore-session=\(String(repeating: "a", count: 43))", true),
            ("x=1; longshore-session=\(String(repeating: "a", count: 43)); y=2", true),
            ("longshore-session=short", false), ("longshore-sessionx=\(String(repeating: "a", count: 43))", false),
            ("longshore-session", false), ("", false),
        ]
    )
    func cookies(header: String, isFound: Bool) {
        let request = RegistryRequest(method: .get, target: "/ui/", headers: [.cookie: header])
        #expect((PageCookies.value(of: PageCookies.session, in: request) != nil) == isFound)
    }

    @Test("a form's token is bound to a cookie and to this process")
    func tokens() {
        let forms = FormGuard(LocationPolicy())
        #expect(forms.token(for: "a") != forms.token(for: "b"))
        #expect(forms.token(for: "a") == forms.token(for: "a"))
        #expect(FormGuard(LocationPolicy()).token(for: "a") != forms.token(for: "a"))
    }

    @Test(
        "a form comes from here if its origin is the address that the browser asked for",
        arguments: [
            ("http://registry.test:5000", nil, true), ("https://registry.test:5000", nil, true),
            ("http://registry.test", nil, false), ("http://REGISTRY.test:5000", nil, true), ("null", nil, false),
            (nil, nil, false), ("https://r.example", "https://r.example", true),
            ("https://r.example", "https://r.example:443/", true), ("http://r.example", "https://r.example", false),
            ("http://registry.test:5000", "https://r.example", false),
        ] as [(String?, String?, Bool)]
    )
    func origins(origin: String?, host: String?, isFromHere: Bool) throws {
        var locations = LocationPolicy()
        locations.host = host
        var headers: HTTPFields = [:]
        headers[try #require(HTTPField.Name("Host"))] = "registry.test:5000"
        headers[.formOrigin] = origin
        let request = RegistryRequest(method: .post, target: "/ui/", headers: headers)
        #expect(FormGuard(locations).isFromHere(request) == isFromHere)
    }

    @Test("end when they are not used, after a day's work, and when there are too many of one user")
    func limits() throws {
        let time = Mutex(ContinuousClock.now)
        let sessions = PageSessions { time.withLock(\.self) }
        let hash = try PasswordHash.bcrypt("x", cost: 4)
        func advance(_ duration: Duration) { time.withLock { $0 = $0 + duration } }
        let user = SignedInUser(name: "amy", hash: hash)
        let idle = sessions.begin(for: user)
        #expect(sessions.user(of: idle)?.name == "amy")
        advance(PageSessions.idleTime + .seconds(1))
        #expect(sessions.user(of: idle) == nil && sessions.count == 0)
        let busy = sessions.begin(for: user)
        for _ in 0..<6 {
            advance(.seconds(7000))
            _ = sessions.user(of: busy)
        }
        advance(.seconds(3000))
        #expect(sessions.user(of: busy) == nil)
        let first = sessions.begin(for: user)
        for _ in 0..<PageSessions.userLimit {
            advance(.seconds(1))
            _ = sessions.begin(for: user)
        }
        #expect(sessions.count == PageSessions.userLimit && sessions.user(of: first) == nil)
        sessions.end("nothing")
    }
}
