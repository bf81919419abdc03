import RegistryCore
import RegistryHTTP
import Synchronization
import SystemLibraries
import Testing
import WebPage

/// Who sees which page, and who may send which form.
@Suite("The web page")
struct PageAccessTests {
    @Test("is at / for browsers; other clients get what they always got", arguments: [AccessWorld.rules, nil])
    func root(rules: [String]?) async throws {
        try await withPages(rules: rules) { world in
            let today = "\"\\\"docker-registry server\\\"\""
            for (accept, isPage) in [
                ("text/html,*/*;q=0.8", true), ("*/*", false), ("application/json", false), ("text/html;q=0", false),
                ("application/json, Text/HTML; q=0.9", true),
            ] {
                let answer = try await exchange("GET", "/", headers: ["Accept": accept], port: world.port)
                #expect(answer.status == 200)
                #expect(answer["vary"] == "Accept")
                #expect(answer.text.contains("<!DOCTYPE html>") == isPage, "\(accept)")
                #expect(isPage || answer.text == today, "\(answer.text)")
            }
            #expect(try await exchange("GET", "/", port: world.port).text == today)
            #expect(try await exchange("HEAD", "/", headers: ["Accept": "text/html"], port: world.port).status == 200)
            #expect(try await world.browser().get("/ui").status == 200)
        }
    }

    @Test("shows without a login only what everybody may pull, and asks for a login with status 200")
    func anonymous() async throws {
        try await withPages { world in
            let content = try await AccessWorld(port: world.port)
            let browser = world.browser()
            let list = try await browser.get("/ui/")
            #expect(list.status == 200 && list.text.contains("public/app") && !list.text.contains("team/app"))
            let manifest = content.manifests["team/app"] ?? ""
            let image = content.images["team/app"]?.id ?? ""
            for path in [
                "/ui/repositories/team/app", "/ui/images/team/app?tag=modern", "/ui/images/team/app?digest=\(manifest)",
                "/ui/documents/team/app?digest=\(manifest)", "/ui/documents/public/app?image=\(image)",
                "/ui/delete/team/app?tag=modern", "/ui/delete/public/app?tag=modern", "/ui/operator",
                "/ui/operator/clients", "/ui/operator/configuration", "/ui/?q=team", "/ui/repositories/nothing",
                "/ui/documents/public/app?digest=\(content.layers["team/app"] ?? "")",
            ] {
                let answer = try await browser.get(path)
                #expect(answer.status == 200, "\(path)")
                #expect(path.hasPrefix("/ui/?q") || answer.text.contains("<h1>Sign in</h1>"), "\(path)")
                for secret in (content.secrets["team/app"] ?? []) where !path.contains(secret) && secret != "" {
                    #expect(!answer.text.contains(secret), "\(path) tells \(secret)")
                }
            }
            let known = try await browser.get("/ui/images/public/app?tag=modern")
            #expect(known.text.contains(content.manifests["public/app"] ?? "-"))
        }
    }

    @Test("never looks at Authorization, and the other APIs never look at its cookie")
    func separation() async throws {
        try await withPages { world in
            _ = try await AccessWorld(port: world.port)
            let basic = ["Authorization": "Basic " + Base64.encode(Array("boss:boss-password".utf8))]
            #expect(try await !world.browser().get("/ui/", headers: basic).text.contains("team/app"))
            let form = ["token": "x"]
            let headers = basic.merging(["Origin": PageBrowser.origin]) { $1 }
            let delete = try await world.browser().post("/ui/delete/team/app?tag=old", form, headers: headers)
            #expect(delete.status == 403)
            let boss = try await world.browser(of: .boss)
            #expect(try await boss.get("/ui/").text.contains("team/app"))
            for path in ["/v2/", "/v2/_catalog", "/v2/team/app/tags/list", "/v1/repositories/team/app/tags"] {
                let answer = try await exchange("GET", path, headers: ["Cookie": boss.cookie], port: world.port)
                // A refusal may name the repository that was asked for.
                #expect(!answer.text.contains("old"), "\(path): \(answer.text)")
                #expect(path.contains("team/app") || !answer.text.contains("team/app"), "\(path): \(answer.text)")
            }
            let catalogue = try await exchange(
                "GET",
                "/v2/team/app/tags/list",
                headers: ["Cookie": boss.cookie],
                port: world.port
            )
            #expect(catalogue.status == 401)
        }
    }

    @Test("keeps a session in a cookie for /ui alone, which ends with the password or the sign-out")
    func session() async throws {
        try await withPages { world in
            _ = try await AccessWorld(port: world.port)
            let amy = world.browser()
            let answer = try await amy.signIn("amy", "amy-password", next: "/ui/repositories/team/app")
            #expect(answer.status == 303 && answer["location"] == "/ui/repositories/team/app")
            let cookie = try #require(answer["set-cookie"])
            for part in ["longshore-session=", "; HttpOnly", "; SameSite=Strict", "; Path=/ui;"] {
                #expect((cookie + ";").contains(part), "\(cookie)")
            }
            #expect(!cookie.contains("Secure"))
            let page = try await amy.get("/ui/repositories/team/app")
            #expect(page.status == 200 && page.text.contains("modern") && page.text.contains("Signed in as"))
            #expect(page["cache-control"] == "no-store")
            #expect(page["content-security-policy"]?.contains("default-src 'none'") == true)
            #expect(!page.text.contains("<script"))

            let other = try await amy.get("/ui/repositories/team/app", headers: ["Origin": "http://evil.test"])
            #expect(other.text.contains("<h1>Sign in</h1>"))

            let token = PageBrowser.token(in: page)
            #expect(try await amy.post("/ui/sign-out", ["token": token]).status == 303)
            #expect(try await amy.get("/ui/repositories/team/app").text.contains("<h1>Sign in</h1>"))

            let again = try await world.browser(of: .amy)
            try world.users.write(
                Array("amy:\(try PasswordHash.bcrypt("other", cost: 4).text)\n".utf8),
                to: "users"
            )
            try await poll { try await again.get("/ui/repositories/team/app").text.contains("<h1>Sign in</h1>") }
        }
    }

    @Test("is Secure behind a proxy with TLS, and knows the page's own origin there")
    func encrypted() async throws {
        try await withPages { world in
            let browser = world.browser()
            let form = try await browser.get("/ui/sign-in", headers: ["X-Forwarded-Proto": "https"])
            #expect(form["set-cookie"]?.contains("; Secure") == true)
            let answer = try await browser.post(
                "/ui/sign-in",
                ["user": "amy", "password": "amy-password", "token": PageBrowser.token(in: form)],
                headers: ["Origin": "https://registry.test:5000", "X-Forwarded-Proto": "https"]
            )
            #expect(answer.status == 303)
            #expect(answer["set-cookie"]?.contains("; Secure") == true)
        }
    }

    @Test("takes no sign-in without a token, from another origin, or with a wrong password")
    func forgedSignIn() async throws {
        try await withPages { world in
            let browser = world.browser()
            let token = PageBrowser.token(in: try await browser.get("/ui/sign-in"))
            let right = ["user": "amy", "password": "amy-password", "token": token]
            let own = ["Origin": PageBrowser.origin]
            let otherCookie = "longshore-form=\(String(repeating: "a", count: 43))"
            func changed(_ name: String, _ value: String) -> [String: String] {
                var form = right
                form[name] = value
                return form
            }
            let refused: [([String: String], [String: String])] = [
                (changed("token", ""), own), (changed("token", "AAAA"), own), (right, [:]),
                (right, ["Origin": "http://evil.test"]), (right, ["Origin": "null"]),
                (right, ["Origin": "http://registry.test:5001"]),
                (right, ["Origin": PageBrowser.origin, "Cookie": otherCookie]),
                (changed("password", "wrong"), own), (changed("user", ""), own),
            ]
            for (form, headers) in refused {
                let answer = try await browser.post("/ui/sign-in", form, headers: headers)
                #expect(answer.status == 403, "\(form) \(headers): \(answer.status)")
                #expect(answer["set-cookie"]?.contains("longshore-session") != true)
            }
            let long = try await browser.post("/ui/sign-in", changed("user", String(repeating: "a", count: 20_000)))
            #expect(long.status == 413)
            #expect(try await browser.post("/ui/sign-in", right).status == 303)
        }
    }

    @Test("gives pages to direct clients alone where somebody else may ask for logins")
    func proxies() async throws {
        try await withPages(rules: nil, audience: .direct) { world in
            // Not by the helper, which closes each connection, as proxies do.
            let direct = "GET /ui/ HTTP/1.1\r\nHost: localhost:5000\r\nAccept: text/html\r\n"
            for (fields, status) in [
                ("", 200), ("X-Forwarded-For: 10.0.0.1\r\n", 404), ("Forwarded: for=10.0.0.1\r\n", 404),
                ("Via: 1.1 x\r\n", 404), ("X-Real-IP: 10.0.0.1\r\n", 404), ("X-Forwarded-Proto: https\r\n", 404),
                ("Connection: close\r\n", 404),
            ] {
                let answer = try await withClient(of: world.port) { client in
                    try client.send(Array("\(direct)\(fields)\r\n".utf8))
                    return try client.receiveAnswer(withBody: true)
                }
                #expect(answer.status == status, "\(fields)")
            }
        }
    }

    @Test("shows the server's state to operators alone, and * does not make one")
    func operators() async throws {
        try await withPages(rules: AccessWorld.rules + ["amy admin"]) { world in
            _ = try await AccessWorld(port: world.port)
            let boss = try await world.browser(of: .boss)
            let amy = try await world.browser(of: .amy)
            #expect(try await !boss.get("/ui/").text.contains("/ui/operator"))
            #expect(try await amy.get("/ui/").text.contains("/ui/operator"))
            for (path, text) in [
                ("/ui/operator", "Garbage collection"), ("/ui/operator/clients", "used v1 since"),
                ("/ui/operator/storage", "Measure"), ("/ui/operator/configuration", "http.addr"),
            ] {
                #expect(try await boss.get(path).status == 403, "\(path)")
                let answer = try await amy.get(path)
                #expect(answer.status == 200 && answer.text.contains(text), "\(path): \(answer.status)")
            }
            let token = PageBrowser.token(in: try await amy.get("/ui/operator"))
            #expect(try await amy.post("/ui/operator", ["token": token]).status == 303)
            try await poll { try await amy.get("/ui/operator").text.contains("dry run ended") }
            #expect(try await amy.post("/ui/operator/storage", ["token": token]).status == 303)
            try await poll { try await amy.get("/ui/operator/storage").text.contains("measurement ended") }
            #expect(try await amy.get("/ui/operator/storage").text.contains("By repository"))
            let bossToken = PageBrowser.token(in: try await boss.get("/ui/"))
            #expect(try await boss.post("/ui/operator", ["token": bossToken]).status == 403)
        }
    }
}
