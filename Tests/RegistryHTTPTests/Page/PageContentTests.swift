import ImageModel
import RegistryCore
import RegistryHTTP
import Storage
import Synchronization
import SystemLibraries
import Testing
import WebPage

/// What pages show.
@Suite("A page")
struct PageContentTests {
    @Test("of a repository of 2,000 tags shows fifty, newest first, and finds the others")
    func manyTags() async throws {
        try await withPages(rules: nil) { world in
            let name = try RepositoryName(parsing: "big/app")
            let client = AccessClient(port: world.port, person: .nobody)
            _ = try await client.push(blob: [1], into: "big/app")
            let text = try await client.push(manifestOf: [1], into: "big/app", tag: "latest")
            let digest = try Digest(parsing: text)
            for number in 1...1999 {
                try await world.registry.setTag(try Tag(parsing: "v\(number)"), to: digest, in: name)
            }
            let browser = world.browser()
            let first = try await browser.get("/ui/repositories/big/app")
            #expect(first.text.contains("2000 tags") && first.text.contains("1–50 of 2000"))
            #expect(first.text.matches(of: /class="name"/).count == 50)
            let last = try await browser.get("/ui/repositories/big/app?order=name&page=40")
            #expect(last.text.contains("1951–2000 of 2000") && last.text.contains("v999"))
            #expect(!last.text.contains("Next"))
            let found = try await browser.get("/ui/repositories/big/app?q=v199")
            #expect(found.text.contains("11 of 2000 tags"))
        }
    }

    @Test("of an image shows its configuration, its layers, and how each client pulls it")
    func image() async throws {
        try await withPages(rules: nil) { world in
            let layer = try TestLayer.gzip(TestLayer.tar("a", [1]))
            let client = AccessClient(port: world.port, person: .nobody)
            let digest = try await Self.push(
                #"{"architecture":"arm64","os":"linux","created":"2024-05-06T07:08:09Z","config":{"Env":["PATH=/bin","X"],"#
                    + #""Cmd":["sh","-c","true"],"Labels":{"org.example":"yes"},"ExposedPorts":{"80/tcp":{}}},"history":["#
                    + #"{"created_by":"/bin/sh -c #(nop) ADD file:1 in / "},{"created_by":"CMD sh","empty_layer":true}]}"#,
                layer,
                "app",
                "1",
                client
            )
            let page = try await world.browser().get("/ui/images/app?tag=1")
            for text in [
                digest, "2024-05-06 07:08", "linux/arm64", "ADD file:1 in /", "CMD sh", "PATH", "/bin", "org.example",
                "80/tcp", "sh -c true", "docker pull registry.test:5000/app:1", "--insecure-registry", "schema2, OCI",
                Digest(.sha256, of: layer).hex.prefix(12).description, "As stored",
            ] {
                #expect(page.text.contains(text), "\(text)")
            }
            let document = try await world.browser().get("/ui/documents/app?digest=\(digest)")
            #expect(
                document["content-type"] == "text/plain; charset=utf-8"
                    && document["x-content-type-options"] == "nosniff"
            )
            #expect(document.text.hasPrefix("{\"schemaVersion\":2"))
            #expect(try await world.browser().get("/ui/images/app?tag=2").status == 404)
            #expect(try await world.browser().get("/ui/images/app?digest=sha256:0").status == 404)
            #expect(try await world.browser().get("/ui/nothing").status == 404)
        }
    }

    @Test("shows what strangers wrote as text")
    func hostile() async throws {
        try await withPages(rules: nil) { world in
            let client = AccessClient(port: world.port, person: .nobody)
            let hostile = #"<script>alert(1)</script>\"'&\u202e\u0301 \"\u0301onmouseover=x"#
            let long = String(repeating: "<b>", count: 1400)
            // A quotation mark with an accent, which ends an attribute.
            let mark = "\"\u{301}onmouseover"
            _ = try await Self.push(
                #"{"architecture":"\#(hostile)","os":"linux","created":"\#(hostile)","author":"\#(hostile)","#
                    + #""config":{"Labels":{"\#(hostile)":"\#(long)","org.opencontainers.image.description":"\#(hostile)"},"#
                    + #""Env":["\#(hostile)=\#(hostile)"],"Cmd":["\#(hostile)"]},"history":[{"created_by":"\#(hostile)"}]}"#,
                try TestLayer.gzip(TestLayer.tar("a", [1])),
                "app",
                "latest",
                client
            )
            for path in [
                "/ui/", "/ui/?q=%3Cscript%3E%22%CC%81", "/ui/repositories/app?q=%3Cscript%3E",
                "/ui/images/app?tag=latest",
                "/ui/repositories/app?deleted=%3Cscript%3E", "/ui/repositories/%3Cscript%3E",
                "/ui/images/app?tag=%3Cscript%3E",
                "/ui/sign-in?next=%22%3E%3Cscript%3E",
            ] {
                let page = try await world.browser().get(path)
                #expect(!page.text.contains("<script") && !page.text.contains("<b>"), "\(path)")
                #expect(!page.text.contains(mark), "\(path)")
            }
            let page = try await world.browser().get("/ui/images/app?tag=latest")
            #expect(page.text.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
            #expect(page.text.contains(String(repeating: "&lt;b&gt;", count: 1400)))
            #expect(page.text.contains("<bdi>&lt;script&gt;"))
        }
    }

    @Test("of a v1 image that is not converted says so, and shows its layers")
    func v1Alone() async throws {
        try await withPages(rules: nil) { world in
            let client = AccessClient(port: world.port, person: .nobody)
            let image = TestImage(TestImage.id("ab"), layer: Array("not a layer".utf8))
            try await client.push(image, to: "old/app", tag: "1")
            let list = try await world.browser().get("/ui/repositories/old/app")
            #expect(list.text.contains("v1 only"))
            let page = try await world.browser().get("/ui/images/old/app?tag=1")
            for text in [image.id, "2015-01-01 12:34", "/bin/sh", "Docker 1.5.0", "v1; it is converted"] {
                #expect(page.text.contains(text), "\(text)")
            }
            let document = try await world.browser().get("/ui/documents/old/app?image=\(image.id)")
            #expect(document.text.hasPrefix("{\"id\":"))
        }
    }

    @Test("deletes a tag for those who may, after a question, and in both protocols")
    func deletion() async throws {
        let actors = Mutex<[EventActor]>([])
        try await withPages { world in
            _ = try await AccessWorld(port: world.port)
            world.registry.events.subscribe { event in
                if case .tagRemoved = event.change { actors.withLock { $0.append(event.actor) } }
            }
            let boss = try await world.browser(of: .boss)
            let path = "/ui/delete/team/app?tag=old"
            #expect(try await boss.get("/ui/images/team/app?tag=old").text.contains("Delete this tag"))
            let question = try await boss.get(path)
            #expect(question.status == 200 && question.text.contains("Delete a tag?"))
            let token = PageBrowser.token(in: question)
            #expect(try await boss.get("/ui/repositories/team/app").text.contains("by boss with curl/8.0"))
            #expect(try await !world.browser().get("/ui/repositories/public/app").text.contains("by boss"))
            let amy = try await world.browser(of: .amy)
            #expect(try await amy.get(path).status == 403)
            let amyToken = PageBrowser.token(in: try await amy.get("/ui/"))
            #expect(try await amy.post(path, ["token": amyToken]).status == 403)
            #expect(try await boss.post(path, ["token": amyToken]).status == 403)
            #expect(try await boss.post(path, [:]).status == 403)
            #expect(try await boss.post(path, ["token": token], headers: [:]).status == 403)
            #expect(try await boss.post(path, ["token": token], headers: ["Origin": "https://evil.test"]).status == 403)
            let client = AccessClient(port: world.port, person: .boss)
            #expect(try await client.send("GET", "/v1/repositories/team/app/tags/old").status == 200)
            let done = try await boss.post(path, ["token": token])
            #expect(done.status == 303 && done["location"] == "/ui/repositories/team/app?deleted=old")
            #expect(try await client.send("GET", "/v1/repositories/team/app/tags/old").status == 404)
            #expect(try await client.send("GET", "/v2/team/app/manifests/old").status == 404)
            #expect(try await boss.post(path, ["token": token]).status == 404)
            #expect(try await boss.get("/ui/repositories/team/app?deleted=old").text.contains("Deleted: old"))
        }
        #expect(actors.withLock { $0.map(\.user) } == ["boss"])
        #expect(actors.withLock { $0.map(\.interface) } == [.page])
    }

    @Test(
        "offers no deletion where deletes are turned off, or nobody can sign in",
        arguments: [AccessWorld.rules, nil]
    )
    func noDeletion(rules: [String]?) async throws {
        try await withPages(rules: rules, deletes: rules == nil) { world in
            let person = AccessWorld.Person.boss
            let client = AccessClient(port: world.port, person: rules == nil ? .nobody : person)
            _ = try await client.push(blob: [1], into: "public/app")
            _ = try await client.push(manifestOf: [1], into: "public/app", tag: "1")
            let browser = rules == nil ? world.browser() : try await world.browser(of: person)
            #expect(try await !browser.get("/ui/images/public/app?tag=1").text.contains("Delete"))
            let token = PageBrowser.token(in: try await browser.get("/ui/"))
            #expect(try await browser.get("/ui/delete/public/app?tag=1").status == 403)
            #expect(try await browser.post("/ui/delete/public/app?tag=1", ["token": token]).status == 403)
            #expect(try await client.send("GET", "/v2/public/app/manifests/1").status == 200)
        }
    }

    @Test("links below the server's prefix")
    func prefix() async throws {
        try await withPages(rules: nil, prefix: "/registry/") { world in
            let page = try await world.browser().get("/registry/ui/")
            #expect(page.status == 200 && page.text.contains("href=\"/registry/ui/style.css\""))
            #expect(
                try await world.browser().get("/registry/ui/style.css")["content-type"] == "text/css; charset=utf-8"
            )
            #expect(try await world.browser().get("/ui/").status == 404)
        }
    }

    /// Pushes an image with this configuration, and returns its digest.
    static func push(
        _ configuration: String,
        _ layer: [UInt8],
        _ name: String,
        _ tag: String,
        _ client: AccessClient
    ) async throws -> String {
        let layerDigest = try await client.push(blob: layer, into: name)
        let digest = try await client.push(blob: Array(configuration.utf8), into: name)
        let manifest = """
            {"schemaVersion":2,"mediaType":"\(MediaType.ociManifest)","config":{"mediaType":"\(MediaType.ociConfiguration)",\
            "size":\(configuration.utf8.count),"digest":"\(digest)"},"layers":[{"mediaType":\
            "application/vnd.oci.image.layer.v1.tar+gzip","size":\(layer.count),"digest":"\(layerDigest)"}]}
            """
        let headers = ["Content-Type": MediaType.ociManifest.description]
        let answer = try await client.send(
            "PUT",
            "/v2/\(name)/manifests/\(tag)",
            headers: headers,
            body: Array(manifest.utf8)
        )
        guard answer.status == 201, let digest = answer["docker-content-digest"] else { throw UnexpectedAnswer(answer) }
        return digest
    }
}
