import ImageModel
import RegistryHTTP
import Storage
import SystemLibraries
import Testing

/// The operator's settings of the v2 API, on our own server.
@Suite(.enabled(if: ConformanceTarget.isOwn)) struct SettingsTests {
    @Test("disabled deletes are 405, and nothing is deleted")
    func noDeletes() async throws {
        try await ConformanceTarget.withRepository(ServiceSettings()) { client in
            let image = try await client.pushImage("image", tag: "latest")
            let blob = try await client.push(blob: [1])
            for path in ["manifests/latest", "manifests/\(image.digest)", "blobs/\(blob)"] {
                let answer = try await client.send("DELETE", path)
                #expect(answer.status == 405)
                #expect(try answer.codes == ["UNSUPPORTED"])
                #expect(try await client.send("HEAD", path).status == 200)
            }
        }
    }

    @Test("a read-only registry responds to every write with 405, and serves every pull")
    func readOnly() async throws {
        try await ConformanceTarget.withDirectory { root in
            let image = try await ConformanceTarget.withOwn(root: root) { port in
                try await RegistryClient(port: port, repository: "kept").pushImage("kept", tag: "latest")
            }
            try await ConformanceTarget.withOwn(root: root, isReadOnly: true) { port in
                let client = RegistryClient(port: port, repository: "kept")
                #expect(try await client.send("GET", "manifests/latest").body == image.bytes)
                #expect(try await client.send("GET", absolute: "/v2/_catalog").strings("repositories") == ["kept"])
                let upload = "blobs/uploads/00000000-0000-4000-8000-000000000000"
                let writes = [
                    ("POST", "blobs/uploads/"), ("PATCH", upload), ("PUT", "\(upload)?digest=\(image.digest)"),
                    ("PUT", "manifests/latest"), ("DELETE", "manifests/latest"), ("DELETE", "blobs/\(image.digest)"),
                    ("DELETE", upload),
                ]
                for (method, path) in writes {
                    let answer = try await client.send(method, path)
                    #expect(answer.status == 405, "\(method) \(path)")
                    #expect(try answer.codes == ["UNSUPPORTED"])
                }
            }
        }
    }

    @Test("a client without a host gets paths", arguments: ["HTTP/1.1\r\nHost:", "HTTP/1.0"])
    func noHost(version: String) async throws {
        try await ConformanceTarget.withRepository { client in
            let head = "POST /v2/a/blobs/uploads/ \(version)\r\nContent-Length: 0\r\n\r\n"
            let answer = try await withClient(of: client.port) { try $0.exchange(head) }
            #expect(answer.status == 202)
            #expect(answer["location"]?.hasPrefix("/v2/a/blobs/uploads/") == true)
        }
    }

    @Test(
        "locations follow the client's request, the proxy or the operator's setting",
        arguments: [
            (LocationPolicy(), [], "http://127.0.0.1:PORT/v2/"),
            (
                LocationPolicy(), [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "example.com")],
                "https://example.com/v2/"
            ),
            (LocationPolicy(), [("X-Forwarded-Host", "a.example, b.example")], "http://a.example/v2/"),
            (
                LocationPolicy(), [("Forwarded", "for=1.2.3.4;host=\"example.com:8443\";Proto=https, for=x")],
                "https://example.com:8443/v2/"
            ),
            (LocationPolicy.make { $0.isRelative = true }, [("X-Forwarded-Host", "example.com")], "/v2/"),
            (
                LocationPolicy.make { $0.host = "https://registry.example/" }, [("X-Forwarded-Host", "x")],
                "https://registry.example/v2/"
            ),
            (
                LocationPolicy.make {
                    $0.host = "https://registry.example"
                    $0.isRelative = true
                }, [], "https://registry.example/v2/"
            ),
            (LocationPolicy.make { $0.prefix = "/path/" }, [], "http://127.0.0.1:PORT/path/v2/"),
        ]
    )
    func locations(policy: LocationPolicy, headers: [(String, String)], start: String) async throws {
        var settings = ServiceSettings()
        settings.locations = policy
        try await ConformanceTarget.withRepository(settings) { client in
            let path = "\(policy.prefix)v2/\(client.repository)/blobs/uploads/"
            let answer = try await client.send("POST", absolute: path, headers)
            #expect(answer.status == 202)
            let location = try #require(answer["location"])
            #expect(location.hasPrefix(start.replacing("PORT", with: "\(client.port)")), "\(location)")
            if policy.prefix != "/" {
                #expect(try await client.send("GET", absolute: "/v2/").status == 404)
                #expect(try await client.send("GET", absolute: location).status == 204)
            }
        }
    }

    @Test(
        "all URLs are below the prefix, at the host that the operator has set",
        arguments: [nil, "https://registry.example"]
    )
    func prefix(host: String?) async throws {
        let users = try ScratchTree()
        try users.write(try AccessWorld.users(), to: "users")
        let access = try AccessWorld.settings(users: "\(users.path)/users")
        var settings = ServiceSettings()
        settings.locations.prefix = "/path/"
        settings.locations.host = host
        let start = "\(host ?? "http://registry.test:5000")/path"
        let authority = host == nil ? "registry.test:5000" : "registry.example"
        try await withRegistry(over: MemoryStorage(), settings: settings, access: access) { port, _ in
            let client = AccessClient(port: port, person: .boss)
            let blob = Array("{}".utf8)
            let uploads = "/v2/team/app/blobs/uploads/"
            let begun = try #require(try await client.send("POST", "/path\(uploads)")["location"])
            #expect(begun.hasPrefix(start + uploads))
            let digest = Digest(.sha256, of: blob)
            let pushed = try await client.send("POST", "/path\(uploads)?digest=\(digest)", body: blob)
            #expect(pushed["location"] == "\(start)/v2/team/app/blobs/\(digest)")
            let manifest = TestManifest.image(blob, layers: [])
            for tag in ["a", "b"] {
                let answer = try await client.send("PUT", "/path/v2/team/app/manifests/\(tag)", body: manifest.bytes)
                #expect(answer["location"] == "\(start)/v2/team/app/manifests/\(manifest.digest)")
            }
            let page = try await client.send("GET", "/path/v2/team/app/tags/list?n=1")
            #expect(page["link"] == "</path/v2/team/app/tags/list?last=a&n=1>; rel=\"next\"")
            let challenge = try await AccessClient(port: port, person: .nobody).send("GET", "/path/v2/")
            #expect(challenge["www-authenticate"] == "Bearer realm=\"\(start)/v2/_token\",service=\"\(authority)\"")
            let redirects = [
                ("GET", "/v1/users"), ("GET", "/v1/repositories/team/app"), ("POST", "/v1/repositories/team/app/tags"),
            ]
            for (method, path) in redirects {
                let redirect = try await client.send(method, "/path\(path)")
                #expect(redirect.status == 301)
                #expect(redirect["location"] == "\(start)\(path)/")
            }
            let images = try await client.send("PUT", "/path/v1/repositories/team/old/", body: Array("[]".utf8))
            #expect(images["x-docker-endpoints"] == authority)
        }
    }

    @Test("a mount without a source begins an upload when anonymous mounts are disabled")
    func noAnonymousMounts() async throws {
        var settings = ServiceSettings()
        settings.allowsAnonymousMounts = false
        try await ConformanceTarget.withRepository(settings) { client in
            let digest = try await client.push(blob: [1])
            let other = client.repository("other")
            #expect(try await other.send("POST", "blobs/uploads/?mount=\(digest)").status == 202)
            let named = try await other.send("POST", "blobs/uploads/?mount=\(digest)&from=\(client.repository)")
            #expect(named.status == 201)
        }
    }
}

extension LocationPolicy {
    /// The default policy with a change.
    fileprivate static func make(_ change: (inout LocationPolicy) -> Void) -> LocationPolicy {
        var policy = LocationPolicy()
        change(&policy)
        return policy
    }
}
